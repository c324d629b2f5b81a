import type { Intent } from '../intent/intent.ts';
import { joinRefusal } from '../intent/rules.ts';
import { flatlandKind } from '../manifest/crd/kinds.ts';
import { membershipManifest, namespaceMembershipManifest } from '../manifest/membership-manifest.ts';
import {
  FLATLAND_API_VERSION,
  OWNER_LABEL,
  OWNER_LABEL_VALUE,
  zKubernetesObject,
  type KubernetesObject,
} from '../model/kubernetes-object.ts';
import type { ClusterName } from '../model/names.ts';
import { assertNever } from '../result.ts';
import { namespaceAllowed } from '../topology/membership-rules.ts';
import { parseWorkloadId } from '../topology/ids.ts';
import type { WorkloadId } from '../topology/topology.ts';
import { createDomain, currentSpec, deleteDomain, spanCluster, unspanCluster } from './compile-domain.ts';
import { linkClusters, renewLink } from './compile-link.ts';
import { bindMesh, enrolWorkload } from './compile-mesh.ts';
import { managedFields } from './managed-fields.ts';
import { PLANNED_KINDS, type WorkingSet } from './working-set.ts';

/** Adds what one intent means to the working set: manifests to apply, objects to delete, or why not. */
export function compileIntent(intent: Intent, set: WorkingSet): void {
  switch (intent.kind) {
    case 'join':
      return join(set, intent.workload, intent.domain);
    case 'join-namespace':
      return joinNamespace(set, intent);
    case 'leave':
      return leave(set, intent.workload, intent.domain);
    case 'create-domain':
      return createDomain(set, intent.domain, intent.members);
    case 'delete-domain':
      return deleteDomain(set, intent.domain);
    case 'span':
      return spanCluster(set, intent.cluster, intent.domain);
    case 'unspan':
      return unspanCluster(set, intent.cluster, intent.domain);
    case 'bind-mesh':
      return bindMesh(set, intent.mesh, intent.domain);
    case 'enrol':
      return enrolWorkload(set, intent.workload, intent.mesh);
    case 'link':
      return linkClusters(set, intent);
    case 'renew-link':
      return renewLink(set, intent.cluster, intent.link);
    case 'put-object':
      return putObject(set, intent.cluster, intent.object);
    case 'delete-object':
      return deleteObject(set, intent.cluster, intent.object);
    default:
      return assertNever(intent);
  }
}

function join(set: WorkingSet, id: WorkloadId, domain: string): void {
  const workload = set.topology.workloads[id];
  const ref = parseWorkloadId(id);
  if (workload === undefined || ref === undefined)
    return set.refuse({ code: 'workload-not-found', detail: `there is no workload ${id}` });
  const spec = currentSpec(set, domain);
  if (spec === undefined)
    return set.refuse({ code: 'domain-not-found', detail: `there is no domain ${domain}` });
  if (!spec.clusters.some((entry) => entry.name === ref.cluster))
    return set.refuse({ code: 'cluster-not-in-domain', detail: `${domain} does not span ${ref.cluster}` });
  const view = set.topology.domains[domain];
  const refusal =
    view && joinRefusal(set.topology, workload, { ...view, allowedNamespaces: spec.allowedNamespaces });
  if (refusal?.code === 'already-member') return;
  if (refusal) return set.refuse(refusal);
  set.put(ref.cluster, membershipManifest({ domain, ...ref }));
}

function joinNamespace(set: WorkingSet, intent: Extract<Intent, { kind: 'join-namespace' }>): void {
  const spec = currentSpec(set, intent.domain);
  if (spec === undefined)
    return set.refuse({ code: 'domain-not-found', detail: `there is no domain ${intent.domain}` });
  if (!namespaceAllowed(spec.allowedNamespaces, intent.namespace))
    return set.refuse({
      code: 'namespace-not-allowed',
      detail: `${intent.domain} does not admit namespace ${intent.namespace}`,
    });
  const cluster = set.topology.clusters[intent.cluster];
  if (cluster === undefined)
    return set.refuse({ code: 'unknown-cluster', detail: `no cluster is called ${intent.cluster}` });
  if (!cluster.namespaces.some((name) => name === intent.namespace))
    return set.refuse({
      code: 'workload-not-found',
      detail: `there is no namespace ${intent.namespace} in ${intent.cluster}`,
    });
  if (!spec.clusters.some((entry) => entry.name === intent.cluster))
    return set.refuse({
      code: 'cluster-not-in-domain',
      detail: `${intent.domain} does not span ${intent.cluster}`,
    });
  set.put(
    intent.cluster,
    namespaceMembershipManifest({ domain: intent.domain, namespace: intent.namespace }),
  );
}

function leave(set: WorkingSet, id: WorkloadId, domain: string): void {
  const workload = set.topology.workloads[id];
  if (workload === undefined)
    return set.refuse({ code: 'workload-not-found', detail: `there is no workload ${id}` });
  const entries = workload.domains.filter((entry) => entry.domain === domain);
  if (entries.length === 0)
    return set.refuse({ code: 'not-a-member', detail: `${workload.name} is not in ${domain}` });
  for (const entry of entries) {
    const membership = set.topology.memberships[entry.membership];
    if (membership === undefined) continue;
    if (membership.selects.type === 'selector')
      set.refuse({
        code: 'selected-by-selector',
        detail: `${membership.name} in ${membership.namespace} selects ${workload.name}`,
      });
    const object = set.current(membership.cluster, 'Membership', membership.name, membership.namespace);
    if (object) removeOwned(set, membership.cluster, object);
  }
}

function putObject(set: WorkingSet, cluster: ClusterName, value: unknown): void {
  const object = plannedObject(set, cluster, value);
  if (object === undefined) return;
  const labels = { ...object.metadata.labels, [OWNER_LABEL]: OWNER_LABEL_VALUE };
  set.put(cluster, managedFields({ ...object, metadata: { ...object.metadata, labels } }));
}

function deleteObject(set: WorkingSet, cluster: ClusterName, value: unknown): void {
  const object = plannedObject(set, cluster, value);
  const live = object && set.current(cluster, object.kind, object.metadata.name, object.metadata.namespace);
  if (live) removeOwned(set, cluster, live);
}

/** Only what carries the owner label is ever deleted. */
function removeOwned(set: WorkingSet, cluster: ClusterName, object: KubernetesObject): void {
  if (object.metadata.labels?.[OWNER_LABEL] !== OWNER_LABEL_VALUE)
    return set.refuse({
      code: 'unowned-object',
      detail: `${object.kind} ${object.metadata.name} in ${cluster} was not made by Flatland`,
    });
  set.remove(cluster, object);
}

function plannedObject(set: WorkingSet, cluster: ClusterName, value: unknown): KubernetesObject | undefined {
  if (set.topology.clusters[cluster] === undefined) {
    set.refuse({ code: 'unknown-cluster', detail: `no cluster is called ${cluster}` });
    return undefined;
  }
  const base = zKubernetesObject.safeParse(value);
  if (!base.success) {
    set.refuse({ code: 'invalid-object', detail: `it has no apiVersion, kind or metadata.name` });
    return undefined;
  }
  const { kind, apiVersion, metadata } = base.data;
  const name = `${kind} ${metadata.name}`;
  const definition = flatlandKind(kind);
  if (definition === undefined || apiVersion !== FLATLAND_API_VERSION || !PLANNED_KINDS.has(kind)) {
    set.refuse({
      code: 'invalid-object',
      detail: `${name} is not of a kind that Flatland plans (${[...PLANNED_KINDS].toSorted().join(', ')} of ${FLATLAND_API_VERSION})`,
    });
    return undefined;
  }
  const parsed = definition.schema.safeParse(base.data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    set.refuse({
      code: 'invalid-object',
      detail: `${name}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unreadable'}`,
    });
    return undefined;
  }
  const object = parsed.data as KubernetesObject;
  return definition.namespaced
    ? { ...object, metadata: { ...metadata, namespace: metadata.namespace ?? 'default' } }
    : object;
}
