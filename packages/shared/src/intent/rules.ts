import type { Cidr } from '../address/cidr.ts';
import { indexMemberships } from '../reachability/membership-index.ts';
import type { Refusal } from '../reason/reasons.ts';
import { domainClash, rangeClash } from '../topology/domain-rules.ts';
import { namespaceAllowed } from '../topology/membership-rules.ts';
import type { DomainView, MeshView, Topology, WorkloadView } from '../topology/topology.ts';

/** Why a workload cannot join a domain, or undefined where it can. A cluster that is not spanned yet is no reason: the gesture spans it. */
export function joinRefusal(
  topology: Topology,
  workload: WorkloadView,
  domain: DomainView,
): Refusal | undefined {
  const counting = workload.domains.filter((entry) => entry.counts);
  if (counting.some((entry) => entry.domain === domain.id))
    return { code: 'already-member', detail: `${workload.name} is in ${domain.id}` };
  if (workload.hostNetwork)
    return { code: 'host-network', detail: `${workload.name} uses its node’s network` };
  const clash = counting
    .map((entry) => topology.domains[entry.domain])
    .filter((other) => other !== undefined)
    .map((other) =>
      domainClash(
        { name: domain.id, prefixes: domain.prefixes },
        { name: other.id, prefixes: other.prefixes },
      ),
    )
    .find((refusal) => refusal !== undefined);
  if (clash) return clash;
  if (!namespaceAllowed(domain.allowedNamespaces, workload.namespace))
    return {
      code: 'namespace-not-allowed',
      detail: `${domain.id} does not admit namespace ${workload.namespace}`,
    };
  return spansCluster(domain, workload.cluster)
    ? undefined
    : clusterRefusal(topology, workload.cluster, domain.prefixes);
}

/** Why a domain cannot span a cluster, or undefined where it can. */
export function spanRefusal(topology: Topology, cluster: string, domain: DomainView): Refusal | undefined {
  if (spansCluster(domain, cluster))
    return { code: 'already-spanned', detail: `${domain.id} spans ${cluster}` };
  return clusterRefusal(topology, cluster, domain.prefixes);
}

/** Why prefixes cannot be used in a cluster, or undefined where they can. */
export function clusterRefusal(
  topology: Topology,
  name: string,
  prefixes: readonly Cidr[],
): Refusal | undefined {
  const cluster = topology.clusters[name];
  if (cluster === undefined) return { code: 'unknown-cluster', detail: `no cluster is called ${name}` };
  return rangeClash(prefixes, cluster.id, cluster.ranges);
}

/** Why a workload cannot be enrolled in a mesh, or undefined where it can. */
export function enrolRefusal(
  topology: Topology,
  workload: WorkloadView,
  mesh: MeshView,
): Refusal | undefined {
  if (mesh.enrolled.includes(workload.id))
    return { code: 'already-member', detail: `${workload.name} is enrolled in ${mesh.name}` };
  if (!indexMemberships(topology).domainsOf.get(workload.id)?.has(mesh.domain))
    return { code: 'not-in-mesh-domain', detail: `${workload.name} is not a member of ${mesh.domain}` };
  const other = Object.values(topology.meshes).find(
    (entry) => entry.id !== mesh.id && entry.intercepts && entry.enrolled.includes(workload.id),
  );
  if (mesh.intercepts && other)
    return { code: 'second-interception', detail: `${other.name} intercepts ${workload.name}` };
  return undefined;
}

/** True where the domain has a slice for the cluster. */
export function spansCluster(domain: DomainView, cluster: string): boolean {
  return domain.clusters.some((entry) => entry.name === cluster);
}
