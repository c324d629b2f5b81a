import type { Plan, PlanStep } from '@flatland/shared/plan/plan';
import { sameJson } from '../state/same-json.ts';

/** How a plan that was made again differs from the one that was reviewed. */
export type PlanDifference =
  | { readonly kind: 'same' }
  /** These objects changed by themselves: what was reviewed for them does not hold. */
  | { readonly kind: 'objects-changed'; readonly steps: readonly PlanStep[] }
  /** What surrounds the objects changed, so that other objects or another effect would come of the same intents. */
  | { readonly kind: 'plan-changed' };

/** Compares what was reviewed with what the same intents mean now. Clusters that went away or came back change nothing. */
export function comparePlans(reviewed: Plan, now: Plan): PlanDifference {
  const stepNow = new Map(now.steps.map((step) => [step.id, step]));
  const changed = reviewed.steps.filter((step) => isObjectChanged(step, stepNow.get(step.id)));
  if (changed.length > 0) return { kind: 'objects-changed', steps: changed };
  const sameSteps =
    reviewed.steps.length === now.steps.length &&
    reviewed.steps.every((step) => {
      const again = stepNow.get(step.id);
      return sameJson([step.manifest, step.token, step.git], [again?.manifest, again?.token, again?.git]);
    });
  const sameMeaning =
    sameJson(reviewed.effect, now.effect) && sameJson(lastingWarnings(reviewed), lastingWarnings(now));
  return { kind: sameSteps && sameMeaning ? 'same' : 'plan-changed' };
}

/** Warnings but those that say only that a cluster does not answer at this moment. */
export function lastingWarnings(plan: Plan): Plan['warnings'] {
  return plan.warnings.filter(({ code }) => code !== 'cluster-unreachable');
}

function isObjectChanged(reviewed: PlanStep, now: PlanStep | undefined): boolean {
  return (
    reviewed.action !== now?.action || reviewed.before !== now.before || reviewed.live?.uid !== now.live?.uid
  );
}
