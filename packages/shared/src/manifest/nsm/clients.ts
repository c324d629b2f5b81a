import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import { NSM_ANNOTATION, writeNsmAnnotation, type NsmRequest } from '../../model/nsm-annotation.ts';
import type { DomainView, MembershipView, Topology, WorkloadView } from '../../topology/topology.ts';
import { nsmInterface, serviceFrom } from './names.ts';

/** Domains that become network services: the one that is exported, and all whose target is NSM. */
export function nsmDomains(topology: Topology, exported: DomainView): DomainView[] {
  return Object.values(topology.domains)
    .filter((domain) => domain.id === exported.id || domain.target === 'nsm')
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** The domain's Memberships that count, sorted. */
export function countingMemberships(topology: Topology, domain: DomainView): MembershipView[] {
  return Object.values(topology.memberships)
    .filter((membership) => membership.domain === domain.id && membership.counts)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** True for a Membership of every pod of its namespace. */
export function isNamespaceWide(membership: MembershipView): boolean {
  if (membership.selects.type !== 'selector') return false;
  const { matchLabels = {}, matchExpressions = [] } = membership.selects.selector;
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

/** Workloads that a Membership of their own puts into the domain, sorted by id. */
export function namedMembers(topology: Topology, domain: DomainView): WorkloadView[] {
  const ids = countingMemberships(topology, domain)
    .filter((membership) => membership.selects.type === 'workload')
    .flatMap((membership) => membership.workloads);
  return [...new Set(ids)].toSorted().flatMap((id) => {
    const workload = topology.workloads[id];
    return workload?.domains.some((entry) => entry.domain === domain.id && entry.counts) ? [workload] : [];
  });
}

/**
 * The annotations of the domain's clients in one cluster: of a workload's pod template, or of the namespace where
 * the whole of it is a member. Partial objects for server-side apply. An annotation names every network service of
 * its workload, since the last one that is applied replaces the one before.
 */
export function clientObjects(topology: Topology, domain: DomainView, cluster: string): KubernetesObject[] {
  const domains = nsmDomains(topology, domain);
  const workloads = namedMembers(topology, domain)
    .filter((workload) => workload.cluster === cluster)
    .map((workload) => {
      const of = domains.filter((each) =>
        workload.domains.some((entry) => entry.domain === each.id && entry.counts),
      );
      return templateOf(workload, annotation(of, cluster));
    });
  const namespaces = new Set(
    countingMemberships(topology, domain)
      .filter((membership) => membership.cluster === cluster && isNamespaceWide(membership))
      .map((membership) => membership.namespace),
  );
  return [
    ...[...namespaces].map((name): KubernetesObject => {
      const of = domains.filter((each) =>
        countingMemberships(topology, each).some(
          (entry) => entry.cluster === cluster && entry.namespace === name && isNamespaceWide(entry),
        ),
      );
      return {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, annotations: { [NSM_ANNOTATION]: annotation(of, cluster) } },
      };
    }),
    ...workloads,
  ];
}

function templateOf(workload: WorkloadView, value: string): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: workload.kind,
    metadata: { name: workload.name, namespace: workload.namespace },
    spec: { template: { metadata: { annotations: { [NSM_ANNOTATION]: value } } } },
  };
}

function annotation(domains: readonly DomainView[], cluster: string): string {
  return writeNsmAnnotation(
    domains.map((domain): NsmRequest => ({
      mechanism: 'kernel',
      ...serviceFrom(domain, cluster),
      interfaceName: nsmInterface(domain.id),
      labels: {},
    })),
  );
}
