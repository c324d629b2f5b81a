import { parseManifests } from '../manifest/parse-manifests.ts';
import type { Intent } from '../intent/intent.ts';
import type { PlanStep } from './plan.ts';

/**
 * Intents that undo steps which were applied, to be planned against the live state: what was created
 * is deleted, what was changed or deleted is put back as it was.
 */
export function invertSteps(steps: readonly PlanStep[]): Intent[] {
  return steps.toReversed().map((step): Intent => {
    if (step.action === 'create')
      return { kind: 'delete-object', cluster: step.cluster, object: step.manifest };
    const before = parseManifests(step.before);
    if (!before.ok) throw new Error(`a plan holds readable manifests: ${before.error}`);
    return { kind: 'put-object', cluster: step.cluster, object: before.value[0] };
  });
}
