import { isActive, isAvailable, isReady } from '../kinds/pod.ts';
import type { Pod } from '../kinds/pod.ts';
import type { ReplicaSet, ReplicaSetStatus } from '../kinds/workload.ts';
import { matchesSelector } from '../matches-selector.ts';

export type ReplicaSetPlan = {
  readonly nCreate: number;
  readonly remove: readonly Pod[];
  readonly status: ReplicaSetStatus;
};

/** What a ReplicaSet's pods lack or have too many of, and its status. `pods` are those that it controls. */
export function planReplicaSet(replicaSet: ReplicaSet, pods: readonly Pod[], nowMs: number): ReplicaSetPlan {
  const active = pods.filter(isActive);
  const wanted = replicaSet.spec.replicas ?? 1;
  const minReadySeconds = replicaSet.spec.minReadySeconds ?? 0;
  const labels = replicaSet.spec.template.metadata?.labels ?? {};
  return {
    nCreate: Math.max(0, wanted - active.length),
    remove: [...active].sort(byDispensability).slice(0, Math.max(0, active.length - wanted)),
    status: {
      replicas: active.length,
      fullyLabeledReplicas: active.filter((pod) =>
        matchesSelector({ matchLabels: labels }, pod.metadata.labels),
      ).length,
      readyReplicas: active.filter(isReady).length,
      availableReplicas: active.filter((pod) => isAvailable(pod, minReadySeconds, nowMs)).length,
      observedGeneration: replicaSet.metadata.generation ?? 0,
    },
  };
}

/** Kubernetes' order of giving pods up: not bound, not running, not ready, youngest. */
export function byDispensability(a: Pod, b: Pod): number {
  return (
    rank(a.spec.nodeName !== undefined) - rank(b.spec.nodeName !== undefined) ||
    rank(a.status?.phase === 'Running') - rank(b.status?.phase === 'Running') ||
    rank(isReady(a)) - rank(isReady(b)) ||
    compare(b.metadata.creationTimestamp ?? '', a.metadata.creationTimestamp ?? '') ||
    compare(a.metadata.name, b.metadata.name)
  );
}

function rank(value: boolean): number {
  return value ? 1 : 0;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
