import { createHash } from 'node:crypto';
import type { Plan } from '@flatland/shared/plan/plan';
import { lastingWarnings } from './compare-plans.ts';

/**
 * What a person reviews, as one number: steps with their bytes, effect, warnings and refusals. A resourceVersion is
 * not part of it, because a status that is written meanwhile changes nothing that was reviewed; nor is that a cluster does
 * not answer, because its part waits.
 */
export function planHash(plan: Plan): string {
  const reviewed = {
    steps: plan.steps.map(({ id, action, manifest, before, after, live, token, git }) => ({
      id,
      action,
      manifest: manifest ?? null,
      before,
      after,
      uid: live?.uid ?? null,
      git: git ?? null,
      ...(token && { token }),
    })),
    effect: plan.effect,
    warnings: lastingWarnings(plan),
    refusals: plan.refusals,
  };
  return createHash('sha256').update(JSON.stringify(reviewed)).digest('hex');
}
