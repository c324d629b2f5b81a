import { enrolRefusal } from '../intent/rules.ts';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import { zMesh, type MeshSpec } from '../model/mesh.ts';
import { parseWorkloadId } from '../topology/ids.ts';
import type { MeshView, WorkloadId } from '../topology/topology.ts';
import { managedFields } from './managed-fields.ts';
import type { WorkingSet } from './working-set.ts';

/** Binds a mesh to a domain. */
export function bindMesh(set: WorkingSet, meshId: string, domain: string): void {
  const mesh = set.topology.meshes[meshId];
  if (mesh === undefined) return set.refuse({ code: 'no-gesture', detail: `there is no mesh ${meshId}` });
  if (set.topology.domains[domain] === undefined)
    return set.refuse({ code: 'domain-not-found', detail: `there is no domain ${domain}` });
  changeMesh(set, mesh, (spec) => ({ ...spec, domain: domain as MeshSpec['domain'] }));
}

/** Enrols a workload in a mesh. */
export function enrolWorkload(set: WorkingSet, workloadId: WorkloadId, meshId: string): void {
  const mesh = set.topology.meshes[meshId];
  const workload = set.topology.workloads[workloadId];
  const ref = parseWorkloadId(workloadId);
  if (mesh === undefined || workload === undefined || ref === undefined)
    return set.refuse({
      code: 'workload-not-found',
      detail: `there is no workload ${workloadId} or no mesh ${meshId}`,
    });
  const refusal = enrolRefusal(set.topology, workload, mesh);
  if (refusal) return set.refuse(refusal);
  changeMesh(set, mesh, (spec) => ({
    ...spec,
    enrolled: [...spec.enrolled, ref].toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  }));
}

function changeMesh(set: WorkingSet, mesh: MeshView, change: (spec: MeshSpec) => MeshSpec): void {
  const parsed = zMesh.safeParse(set.current(mesh.cluster, 'Mesh', mesh.name));
  if (!parsed.success)
    return set.refuse({
      code: 'invalid-object',
      detail: `Mesh ${mesh.name} in ${mesh.cluster} cannot be read`,
    });
  set.put(
    mesh.cluster,
    managedFields({ ...parsed.data, spec: change(parsed.data.spec) } as KubernetesObject),
  );
}
