import type { KubeClient } from '@flatland/kube/client/kube-client';
import type { Plan, PlanStep } from '@flatland/shared/plan/plan';
import type { StepDryRun } from '../api/change-set.ts';
import { applyStep } from '../executor/apply-step.ts';

/** Calls at once to one cluster. */
const MAX_PARALLEL = 4;
/** An id that no change set has. */
const NO_CHANGE_SET = '00000000-0000-0000-0000-000000000000';

/** Sends every step to its cluster as a server-side dry-run, which keeps nothing, and tells each answer. */
export async function dryRunPlan(
  plan: Plan,
  client: (cluster: string) => KubeClient | undefined,
): Promise<readonly StepDryRun[]> {
  const byCluster = Map.groupBy(plan.steps, (step) => step.cluster);
  const answers = await Promise.all(
    [...byCluster].map(([name, steps]) => dryRunCluster(steps, client(name))),
  );
  const byId = new Map(answers.flat().map((answer) => [answer.stepId, answer]));
  return plan.steps.map((step) => byId.get(step.id)!);
}

async function dryRunCluster(
  steps: readonly PlanStep[],
  client: KubeClient | undefined,
): Promise<StepDryRun[]> {
  const answers: StepDryRun[] = [];
  const queue = [...steps];
  const work = async () => {
    for (let step = queue.shift(); step !== undefined; step = queue.shift()) {
      answers.push(await dryRunStep(step, client));
    }
  };
  await Promise.all(Array.from({ length: MAX_PARALLEL }, work));
  return answers;
}

async function dryRunStep(step: PlanStep, client: KubeClient | undefined): Promise<StepDryRun> {
  const refused = { stepId: step.id, outcome: 'refused' as const };
  if (client === undefined) {
    return { ...refused, refusal: { code: 'unknown-cluster', detail: step.cluster }, conflicts: [] };
  }
  const outcome = await applyStep(client, {
    changeSetId: NO_CHANGE_SET,
    step,
    takeOver: new Set(),
    dryRun: true,
  });
  if (outcome.kind === 'applied') return { stepId: step.id, outcome: 'ok' };
  const conflicts = outcome.kind === 'failed' ? outcome.conflicts : [];
  return { ...refused, refusal: outcome.refusal, conflicts };
}
