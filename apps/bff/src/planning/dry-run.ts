import type { KubeClient } from '@flatland/kube/client/kube-client';
import { mapLimited } from '@flatland/shared/map-limited';
import type { Plan, PlanStep } from '@flatland/shared/plan/plan';
import type { StepDryRun } from '../api/change-set.ts';
import { applyStep } from '../executor/apply-step.ts';
import { reviewTokenStep } from '../executor/token-step.ts';

/** Calls at once to one cluster. */
const MAX_PARALLEL = 4;
/** An id that no change set has. */
const NO_CHANGE_SET = '00000000-0000-0000-0000-000000000000';

/**
 * Sends every step to its cluster as a server-side dry-run, which keeps nothing, and tells each answer. A cluster that
 * is read-only is sent none: its admission webhooks are not to hear of what is never applied.
 */
export async function dryRunPlan(
  plan: Plan,
  { client, isReadOnly }: DryRunDeps,
): Promise<readonly StepDryRun[]> {
  const byCluster = Map.groupBy(plan.steps, (step) => step.cluster);
  const answers = await Promise.all(
    [...byCluster].map(async ([name, steps]) =>
      isReadOnly(name)
        ? steps.map((step) => refusedReadOnly(step, name))
        : dryRunCluster(steps, { client, isReadOnly }),
    ),
  );
  const byId = new Map(answers.flat().map((answer) => [answer.stepId, answer]));
  return plan.steps.map((step) => byId.get(step.id)!);
}

export interface DryRunDeps {
  readonly client: (cluster: string) => KubeClient | undefined;
  readonly isReadOnly: (cluster: string) => boolean;
}

function refusedReadOnly({ id }: PlanStep, cluster: string): StepDryRun {
  const refusal = { code: 'read-only-cluster' as const, detail: `${cluster} is connected read-only` };
  return { stepId: id, outcome: 'refused', refusal, conflicts: [] };
}

function dryRunCluster(steps: readonly PlanStep[], deps: DryRunDeps): Promise<StepDryRun[]> {
  return mapLimited(steps, MAX_PARALLEL, (step) => dryRunStep(step, deps));
}

async function dryRunStep(step: PlanStep, deps: DryRunDeps): Promise<StepDryRun> {
  const { issuer = step.cluster } = step.token ?? {};
  const [client, other] = [deps.client(step.cluster), deps.client(issuer)];
  const refused = { stepId: step.id, outcome: 'refused' as const };
  if (client === undefined || (other === undefined && step.action === 'mint')) {
    const detail = client === undefined ? step.cluster : issuer;
    return { ...refused, refusal: { code: 'unknown-cluster', detail }, conflicts: [] };
  }
  if (step.action === 'mint' && deps.isReadOnly(issuer)) return refusedReadOnly(step, issuer);
  const outcome =
    step.token === undefined
      ? await applyStep(client, { changeSetId: NO_CHANGE_SET, step, choices: [], dryRun: true })
      : await reviewTokenStep(
          { holder: client, issuer: other ?? client },
          { action: step.action === 'mint' ? 'mint' : 'forget', order: step.token },
        );
  if (outcome.kind === 'applied') return { stepId: step.id, outcome: 'ok' };
  const conflicts = outcome.kind === 'failed' ? outcome.conflicts : [];
  return { ...refused, refusal: outcome.refusal, conflicts };
}
