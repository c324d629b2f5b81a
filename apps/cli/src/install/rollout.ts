import type { KubeObject } from '@flatland/kube/client/object';
import { nameOfObject } from './install-resources.ts';

/** What a DaemonSet or a Deployment says of its pods (`apps/v1`). */
export interface Workload extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly updateStrategy?: { readonly type?: string };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly desiredNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberAvailable?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
  };
}

/** How far a workload’s pods are. */
export interface Rollout {
  readonly done: boolean;
  /** One line for people. */
  readonly text: string;
  /** Pods of an earlier version that stay until somebody deletes them. */
  readonly outdated: number;
}

/** Reads how far the pods of a DaemonSet or a Deployment are, as `kubectl rollout status` does. */
export function rolloutOf(workload: Workload): Rollout {
  const { status = {} } = workload;
  const seen = (status.observedGeneration ?? 0) >= (workload.metadata.generation ?? 0);
  const isDaemonSet = workload.kind === 'DaemonSet';
  const wanted = isDaemonSet ? (status.desiredNumberScheduled ?? 0) : (workload.spec.replicas ?? 1);
  const updated = (isDaemonSet ? status.updatedNumberScheduled : status.updatedReplicas) ?? 0;
  const available = (isDaemonSet ? status.numberAvailable : status.availableReplicas) ?? 0;
  const waitsForDelete = workload.spec.updateStrategy?.type === 'OnDelete';
  const isLeft = !isDaemonSet && (status.replicas ?? 0) > wanted;
  const done = seen && available >= wanted && !isLeft && (waitsForDelete || updated >= wanted);
  const outdated = seen && waitsForDelete ? Math.max(0, wanted - updated) : 0;
  const counts = `${available} of ${wanted} ready`;
  const text = `${nameOfObject(workload)}: ${waitsForDelete ? counts : `${counts}, ${updated} up to date`}`;
  return { done, text, outdated };
}
