import type { KubeClient } from '@flatland/kube/client/kube-client';
import type { Intent } from '@flatland/shared/intent/intent';
import { planChange } from '@flatland/shared/plan/plan-change';
import type { Plan } from '@flatland/shared/plan/plan';
import type { PlannedChange } from '../api/change-set.ts';
import { ConsoleFailure } from '../api/console-error.ts';
import type { World } from '../state/world.ts';
import { dryRunPlan } from './dry-run.ts';
import { planHash } from './plan-hash.ts';

export interface PlannerDeps {
  /** The world as it is at this moment. */
  readonly world: () => World;
  readonly client: (cluster: string) => KubeClient | undefined;
  /** True where nothing may be written. */
  readonly isReadOnly: (cluster: string) => boolean;
  /** Clusters that answer and are not read whole yet, so that a plan over them would be wrong. */
  readonly unread: () => readonly string[];
  readonly nowMs: () => number;
}

/** A plan over the live clusters, with what identifies it. */
export interface LivePlan {
  readonly plan: Plan;
  readonly planHash: string;
  readonly world: World;
}

/** Plans over what the clusters hold now; asks nobody. */
export function planLive(intents: readonly Intent[], deps: PlannerDeps): LivePlan {
  const unread = deps.unread();
  if (unread.length > 0) throw new ConsoleFailure('starting', `Still reading ${unread.join(', ')}`);
  const world = deps.world();
  const plan = planChange({ snapshot: world.snapshot, intents, before: world.topology });
  return { plan, planHash: planHash(plan), world };
}

/** Plans and lets every cluster say what it thinks of its part. */
export async function planAndDryRun(intents: readonly Intent[], deps: PlannerDeps): Promise<PlannedChange> {
  const { plan, planHash: hash } = planLive(intents, deps);
  const dryRun = await dryRunPlan(plan, deps);
  return { plan, planHash: hash, plannedAtMs: deps.nowMs(), dryRun };
}
