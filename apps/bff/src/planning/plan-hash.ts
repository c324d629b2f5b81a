import { createHash } from 'node:crypto';
import type { Plan } from '@flatland/shared/plan/plan';

/**
 * What a person reviews, as one number: steps with their bytes, effect, warnings and refusals. A resourceVersion is
 * not part of it, because a status that is written meanwhile changes nothing that was reviewed.
 */
export function planHash(plan: Plan): string {
  const reviewed = {
    steps: plan.steps.map(({ id, action, manifest, before, after, live }) => ({
      id,
      action,
      manifest: manifest ?? null,
      before,
      after,
      uid: live?.uid ?? null,
    })),
    effect: plan.effect,
    warnings: plan.warnings,
    refusals: plan.refusals,
  };
  return createHash('sha256').update(JSON.stringify(reviewed)).digest('hex');
}
