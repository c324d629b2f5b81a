import type { Domain } from '../model/domain.ts';
import type { Condition } from '../model/kubernetes-object.ts';
import type { ClusterName, DomainName } from '../model/names.ts';
import { sortKeys } from '../manifest/stable-yaml.ts';
import type { ClusterFacts } from './facts/cluster-facts.ts';
import type { DomainView, WorkloadView } from './topology.ts';

/** One view of each domain over all clusters' copies; the home cluster's copy speaks. */
export function domainViews(all: readonly ClusterFacts[], workloads: readonly WorkloadView[]): DomainView[] {
  const copies = new Map<string, Map<ClusterName, Domain>>();
  for (const facts of all)
    for (const domain of facts.domains) {
      const of = copies.get(domain.metadata.name) ?? new Map<ClusterName, Domain>();
      of.set(facts.snapshot.cluster, domain);
      copies.set(domain.metadata.name, of);
    }
  const counts = memberCounts(workloads);
  return [...copies]
    .map(([name, of]) => domainView(name as DomainName, of, counts.get(name)))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** The copy that speaks for a domain: that of the cluster which it calls home, else the first by cluster name. */
export function speakingCopy(copies: ReadonlyMap<ClusterName, Domain>): Domain {
  const sorted = [...copies].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const home = sorted.find(([cluster, domain]) => domain.spec.home === cluster) ?? sorted[0];
  if (home === undefined) throw new Error('a domain has at least one copy');
  return home[1];
}

interface Counts {
  readonly members: number;
  readonly programmed: number;
}

function memberCounts(workloads: readonly WorkloadView[]): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  for (const workload of workloads) {
    const domains = new Set(workload.domains.filter((entry) => entry.counts).map((entry) => entry.domain));
    for (const domain of domains) {
      const before = counts.get(domain) ?? { members: 0, programmed: 0 };
      const programmed = workload.instances.filter((instance) =>
        instance.members.some((member) => member.domain === domain),
      ).length;
      counts.set(domain, {
        members: before.members + workload.instances.length,
        programmed: before.programmed + programmed,
      });
    }
  }
  return counts;
}

function domainView(
  name: DomainName,
  copies: ReadonlyMap<ClusterName, Domain>,
  counts: Counts | undefined,
): DomainView {
  const { spec } = speakingCopy(copies);
  const canonical = JSON.stringify(sortKeys(spec));
  return {
    id: name,
    prefixes: spec.prefixes,
    clusters: spec.clusters
      .map((cluster) => {
        const copy = copies.get(cluster.name);
        return {
          name: cluster.name,
          slices: cluster.slices,
          present: copy !== undefined,
          agrees: copy !== undefined && JSON.stringify(sortKeys(copy.spec)) === canonical,
        };
      })
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    home: spec.home,
    dnsName: spec.dnsName,
    ...(spec.mtuBytes !== undefined && { mtuBytes: spec.mtuBytes }),
    allowedNamespaces: spec.allowedNamespaces.toSorted(),
    owner: spec.owner,
    target: spec.target,
    conditions: conditionsOf(copies),
    memberCount: counts?.members ?? 0,
    programmedCount: counts?.programmed ?? 0,
  };
}

/**
 * Each type of condition once: as the copy that speaks for the domain has it where it holds everywhere, else as the worst
 * of the clusters, which are named.
 */
function conditionsOf(copies: ReadonlyMap<ClusterName, Domain>): Condition[] {
  const spoken = speakingCopy(copies).status?.conditions ?? [];
  const all = [...copies].flatMap(([cluster, { status }]) =>
    (status?.conditions ?? []).map((condition) => ({ cluster, condition })),
  );
  return [...Map.groupBy(all, ({ condition }) => condition.type)]
    .map(([type, entries]) => {
      const failing = entries.filter(({ condition }) => condition.status !== 'True');
      const worst = failing.find(({ condition }) => condition.status === 'False') ?? failing[0];
      if (worst === undefined)
        return spoken.find((condition) => condition.type === type) ?? entries[0]!.condition;
      const same = failing
        .filter(({ condition }) => condition.reason === worst.condition.reason)
        .toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1));
      const message = same.map(({ cluster, condition }) => `${cluster}: ${condition.message}`).join('; ');
      return { ...worst.condition, message };
    })
    .toSorted((a, b) => (a.type < b.type ? -1 : 1));
}
