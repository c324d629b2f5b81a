import type { WorkloadKind } from '../model/membership.ts';
import { WORKLOAD_KINDS } from '../model/membership.ts';
import type { WorkloadRef } from '../model/mesh.ts';
import type { ClusterName, NamespaceName, ObjectName } from '../model/names.ts';
import type { WorkloadId, WorkloadView } from './topology.ts';

/** Id of a workload: `cluster/namespace/Kind/name`. */
export function workloadId(ref: {
  readonly cluster: string;
  readonly namespace: string;
  readonly kind: WorkloadKind;
  readonly name: string;
}): WorkloadId {
  return `${ref.cluster}/${ref.namespace}/${ref.kind}/${ref.name}`;
}

/** The parts of a workload's id, or undefined where it is none. */
export function parseWorkloadId(id: WorkloadId): WorkloadRef | undefined {
  const [cluster, namespace, kind, name, rest] = id.split('/');
  if (!cluster || !namespace || !name || rest !== undefined) return undefined;
  const known = WORKLOAD_KINDS.find((candidate) => candidate === kind);
  if (known === undefined) return undefined;
  return {
    cluster: cluster as ClusterName,
    namespace: namespace as NamespaceName,
    kind: known,
    name: name as ObjectName,
  };
}

/** Short name of a workload for people: `aws-east/shop/frontend`. */
export function workloadLabel(id: WorkloadId): string {
  const [cluster, namespace, , name] = id.split('/');
  return `${cluster}/${namespace}/${name}`;
}

/**
 * Workloads that people's text may mean: a whole id, `cluster/namespace/name`, `namespace/name` or
 * `name`. Sorted by id; more than one is ambiguous.
 */
export function findWorkloads(
  text: string,
  workloads: Readonly<Record<WorkloadId, WorkloadView>>,
): WorkloadId[] {
  if (Object.hasOwn(workloads, text)) return [text];
  const wanted = text.split('/');
  return Object.keys(workloads)
    .filter((id) => {
      const [cluster, namespace, kind, name] = id.split('/');
      const forms = [[name], [namespace, name], [cluster, namespace, name], [namespace, kind, name]];
      return forms.some(
        (form) => form.length === wanted.length && form.every((part, index) => part === wanted[index]),
      );
    })
    .toSorted();
}
