import type { KubeObject } from '../model/kube-object.ts';
import { readPath } from '../model/read-path.ts';

/**
 * What is allowed in a template and yet no good (Kubernetes `GetWarningsForPodTemplate`, as far as this server runs
 * pods). Said of a new workload, and again with each of its generations.
 */
export function podTemplateWarnings(object: KubeObject, old: KubeObject | undefined): string[] {
  if (old !== undefined && old.metadata.generation === object.metadata.generation) return [];
  const seconds = readPath(object, ['spec', 'template', 'spec', 'terminationGracePeriodSeconds']);
  if (typeof seconds !== 'number' || seconds >= 0) return [];
  return [
    'spec.template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1',
  ];
}
