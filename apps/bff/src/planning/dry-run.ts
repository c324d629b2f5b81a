import type { KubeClient } from '@flatland/kube/client/kube-client';
import { mapLimited } from '@flatland/shared/map-limited';
import type { Plan, PlanStep } from '@flatland/shared/plan/plan';
import type { StepDryRun } from '../api/change-set.ts';
import { applyStep } from '../executor/apply-step.ts';

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
      isReadOnly(name) ? steps.map(refusedReadOnly) : dryRunCluster(steps, client(name)),
    ),
  );
  const byId = new Map(answers.flat().map((answer) => [answer.stepId, answer]));
  return plan.steps.map((step) => byId.get(step.id)!);
}

export interface DryRunDeps {
  readonly client: (cluster: string) => KubeClient | undefined;
  readonly isReadOnly: (cluster: string) => boolean;
}

function refusedReadOnly({ id, cluster }: PlanStep): StepDryRun {
  const refusal = { code: 'read-only-cluster' as const, detail: `${cluster} is connected read-only` };
  return { stepId: id, outcome: 'refused', refusal, conflicts: [] };
}

async function dryRunCluster(
  steps: readonly PlanStep[],
  client: KubeClient | undefined,
): Promise<StepDryRun[]> {
  return mapLimited(steps, MAX_PARALLEL, (step) => dryRunStep(step, client));
}

async function dryRunStep(step: PlanStep, client: KubeClient | undefined): Promise<StepDryRun> {
  const refused = { stepId: step.id, outcome: 'refused' as const };
  if (client === undefined) {
    return { ...refused, refusal: { code: 'unknown-cluster', detail: step.cluster }, conflicts: [] };
  }
  const outcome = await applyStep(client, {
    changeSetId: NO_CHANGE_SET,
    step,
    // Git's engine owns the fields and will write them itself: whether it may be so is what is asked.
    takeOver: step.git === undefined ? new Set() : { has: () => true },
    dryRun: true,
  });
  if (outcome.kind === 'applied') return { stepId: step.id, outcome: 'ok' };
  const conflicts = outcome.kind === 'failed' ? outcome.conflicts : [];
  return { ...refused, refusal: outcome.refusal, conflicts };
}
