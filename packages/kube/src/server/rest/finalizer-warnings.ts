import type { KubeObject } from '../model/kube-object.ts';
import type { WriteRequest } from './write-request.ts';

const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];

/** Of finalizers that a custom resource gets, those whose names anybody might choose. */
export function finalizerWarnings(
  { definition }: WriteRequest,
  { metadata }: KubeObject,
  old: KubeObject | undefined,
): string[] {
  if (definition.builtin) return [];
  const added = (metadata.finalizers ?? []).filter((name) => !old?.metadata.finalizers?.includes(name));
  return [...new Set(added)]
    .filter((name) => !name.includes('/') && !STANDARD_FINALIZERS.includes(name))
    .toSorted()
    .map(
      (name) =>
        `metadata.finalizers: ${JSON.stringify(name)}: prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers`,
    );
}
