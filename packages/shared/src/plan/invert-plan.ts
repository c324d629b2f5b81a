import { parseManifests } from '../manifest/parse-manifests.ts';
import type { Intent } from '../intent/intent.ts';
import type { PlanStep } from './plan.ts';

/**
 * Intents that undo steps which were applied, to be planned against the live state: what was created
 * is deleted, what was changed or deleted is put back as it was.
 */
export function invertSteps(steps: readonly PlanStep[]): Intent[] {
  return steps.toReversed().flatMap((step): Intent[] => {
    const { cluster } = step;
    switch (step.action) {
      // A link's token comes and goes with its ClusterLink.
      case 'mint':
      case 'forget':
        return [];
      case 'create':
        return [{ kind: 'delete-object', cluster, object: onlyObject(step.after) }];
      case 'update':
      case 'delete':
        return [{ kind: 'put-object', cluster, object: onlyObject(step.before) }];
    }
  });
}

function onlyObject(yaml: string) {
  const parsed = parseManifests(yaml);
  const object = parsed.ok ? parsed.value[0] : undefined;
  if (object === undefined) throw new Error('a plan holds readable manifests');
  return object;
}
