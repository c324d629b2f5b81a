import { isRemoval } from '@flatland/shared/plan/order-steps';
import type { StepAction } from '@flatland/shared/plan/plan';
import type { StepState } from '../api/change-set.ts';

/** What the order of execution depends on. */
export interface ScheduledStep {
  readonly cluster: string;
  readonly action: StepAction;
  readonly state: StepState;
}

/**
 * Places of the steps that may begin now: in each cluster one after the other, clusters beside each other, and a
 * delete only after everything before it that adds or changes is applied in every cluster.
 */
export function nextSteps(steps: readonly ScheduledStep[]): number[] {
  const busy = new Set<string>();
  const ready: number[] = [];
  let allAdded = true;
  for (const [ordinal, { cluster, action, state }] of steps.entries()) {
    const mayBegin = state === 'queued' && !busy.has(cluster) && (!isRemoval(action) || allAdded);
    if (mayBegin) ready.push(ordinal);
    if (state !== 'applied') {
      busy.add(cluster);
      if (!isRemoval(action)) allAdded = false;
    }
  }
  return ready;
}
