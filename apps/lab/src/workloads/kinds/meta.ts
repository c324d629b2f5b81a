import type { KubeObject, ObjectMeta, OwnerReference } from '@flatland/kube/client/object';
import type { LabelSelector } from '@flatland/shared/model/membership';

export type { KubeObject, LabelSelector, ObjectMeta, OwnerReference };

/** `meta/v1` Condition, as the older kinds have it too. */
export type Condition = {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
  readonly lastUpdateTime?: string;
  readonly lastHeartbeatTime?: string;
};

/** The reference that makes an object the controller of another, whose life it then shares. */
export function controllerReference(owner: KubeObject, apiVersion: string, kind: string): OwnerReference {
  return {
    apiVersion,
    kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid!,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** The one owner that controls an object, if it has one. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** True where a condition of the type has status True. */
export function conditionIsTrue(conditions: readonly Condition[] | undefined, type: string): boolean {
  return conditions?.some((condition) => condition.type === type && condition.status === 'True') ?? false;
}

/**
 * Conditions with one set. Its transition time stays while its status does; an equal condition changes nothing.
 * Sorted by type.
 */
export function withCondition(
  conditions: readonly Condition[] | undefined,
  condition: Condition,
  nowMs: number,
): Condition[] {
  const before = conditions?.find(({ type }) => type === condition.type);
  const lastTransitionTime =
    before?.status === condition.status && before.lastTransitionTime !== undefined
      ? before.lastTransitionTime
      : timestamp(nowMs);
  const others = (conditions ?? []).filter(({ type }) => type !== condition.type);
  return [...others, { ...condition, lastTransitionTime }].sort((a, b) => (a.type < b.type ? -1 : 1));
}

/** RFC 3339 with whole seconds, as Kubernetes writes its times. */
export function timestamp(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z');
}
