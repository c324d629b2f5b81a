import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { ClusterSnapshot, Snapshot } from '../topology/snapshot.ts';
import { managedAfter } from './managed-fields.ts';
import { objectKey } from './object-key.ts';
import type { PlanStep } from './plan.ts';

/** The snapshot as it will be once the steps are applied. Objects that no step touches keep their identity. */
export function applyToSnapshot(snapshot: Snapshot, steps: readonly PlanStep[]): Snapshot {
  const byCluster = Map.groupBy(steps, (step) => step.cluster);
  return {
    clusters: snapshot.clusters.map((cluster) => {
      const own = byCluster.get(cluster.cluster);
      return own ? { ...cluster, objects: applySteps(cluster, own) } : cluster;
    }),
  };
}

function applySteps(cluster: ClusterSnapshot, steps: readonly PlanStep[]): KubernetesObject[] {
  const pending = new Map(steps.map((step) => [step.id, step]));
  const objects = cluster.objects.flatMap((live) => {
    const step = pending.get(objectKey(cluster.cluster, live));
    if (step === undefined) return [live];
    pending.delete(step.id);
    return step.manifest === undefined
      ? []
      : [
          {
            ...live,
            ...managedAfter(live, step.manifest),
            metadata: { ...live.metadata, labels: managedAfter(live, step.manifest).metadata.labels },
          },
        ];
  });
  const created = [...pending.values()].flatMap((step) => (step.manifest ? [step.manifest] : []));
  return [...objects, ...created];
}
