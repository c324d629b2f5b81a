import type { KubeObject } from '../model/kube-object.ts';

/** Whether an object that is being deleted has nothing left to wait for. */
export function isGone(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (deletionTimestamp === undefined || (finalizers?.length ?? 0) > 0) return false;
  if (object.kind === 'Namespace' && object.apiVersion === 'v1') {
    return ((object['spec'] as { finalizers?: string[] } | undefined)?.finalizers ?? []).length === 0;
  }
  return (deletionGracePeriodSeconds ?? 0) === 0;
}
