import type { NewDomain } from '@flatland/shared/intent/intent';
import { FLATLAND_API_VERSION } from '@flatland/shared/model/kubernetes-object';
import type { ClusterName, DomainName } from '@flatland/shared/model/names';
import type { DomainView, Topology, WorkloadDomain, WorkloadView } from '@flatland/shared/topology/topology';
import type { StagedChanges } from './staged-changes.ts';

/**
 * The topology as if what is staged were applied: what the next gesture is judged against, so that a
 * staged domain is a target and a staged member is not joined twice.
 */
export function projectTopology(topology: Topology, staged: StagedChanges): Topology {
  const domains: Record<string, DomainView> = { ...topology.domains };
  for (const domain of staged.newDomains) domains[domain.name] ??= projectedDomain(domain);
  for (const name of staged.deletedDomains) delete domains[name];
  for (const { cluster, domain } of staged.spans) {
    const view = domains[domain];
    if (!view || view.clusters.some((entry) => entry.name === cluster)) continue;
    const added = { name: cluster as ClusterName, slices: [], present: true, agrees: true };
    domains[domain] = { ...view, clusters: [...view.clusters, added] };
  }
  for (const { cluster, domain } of staged.unspans) {
    const view = domains[domain];
    if (view)
      domains[domain] = { ...view, clusters: view.clusters.filter((entry) => entry.name !== cluster) };
  }
  const workloads: Record<string, WorkloadView> = { ...topology.workloads };
  const edit = (id: string, change: (domains: readonly WorkloadDomain[]) => WorkloadDomain[]) => {
    const workload = workloads[id];
    if (workload) workloads[id] = { ...workload, domains: change(workload.domains) };
  };
  for (const { workload, domain } of staged.joins)
    edit(workload, (entries) => [
      ...entries.filter((entry) => entry.domain !== domain),
      stagedEntry(workload, domain),
    ]);
  for (const { workload, domain } of staged.leaves)
    edit(workload, (entries) => entries.filter((entry) => entry.domain !== domain));
  return { ...topology, domains, workloads };
}

/** A staged domain as the map shows it. */
export function projectedDomain(domain: NewDomain): DomainView {
  const [home = '' as ClusterName] = domain.clusters;
  return {
    id: domain.name,
    prefixes: domain.prefixes ?? [],
    clusters: domain.clusters.map((name) => ({ name, slices: [], present: true, agrees: true })),
    home: domain.home ?? home,
    dnsName: '',
    allowedNamespaces: domain.allowedNamespaces ?? ['*'],
    owner: '',
    target: 'flatland',
    conditions: [],
    memberCount: 0,
    programmedCount: 0,
    ...(domain.mtuBytes === undefined ? {} : { mtuBytes: domain.mtuBytes }),
  };
}

function stagedEntry(workload: string, domain: string): WorkloadDomain {
  const [cluster = '', namespace = '', , name = ''] = workload.split('/');
  return {
    domain: domain as DomainName,
    membership: `${cluster}/${namespace}/${domain}-${name}`,
    counts: true,
    deciding: {
      cluster: cluster as ClusterName,
      apiVersion: FLATLAND_API_VERSION,
      kind: 'Membership',
      namespace,
      name: `${domain}-${name}`,
    },
  };
}
