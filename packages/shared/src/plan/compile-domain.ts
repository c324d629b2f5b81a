import { defaultDnsName } from '../dns/zones.ts';
import { nextSlice } from '../address/slice.ts';
import type { Cidr } from '../address/cidr.ts';
import { cidrContains, cidrsOverlap } from '../address/arithmetic.ts';
import { suggestDomain } from '../intent/suggest-domain.ts';
import type { NewDomain } from '../intent/intent.ts';
import { clusterRefusal } from '../intent/rules.ts';
import { domainManifest } from '../manifest/domain-manifest.ts';
import { membershipManifest } from '../manifest/membership-manifest.ts';
import { zDomain, type DomainSpec } from '../model/domain.ts';
import type { ClusterName, DomainName } from '../model/names.ts';
import { domainClash } from '../topology/domain-rules.ts';
import { parseWorkloadId } from '../topology/ids.ts';
import type { Topology, WorkloadId } from '../topology/topology.ts';
import { linkSpanned } from './compile-link.ts';
import type { WorkingSet } from './working-set.ts';

/** Namespaces that hold a cluster's own machinery, whose workloads no new domain admits by itself. */
const SYSTEM_NAMESPACES = /^(kube-.*|flatland-system)$/;

/** A new domain over its clusters, and Memberships for its first members. */
export function createDomain(set: WorkingSet, domain: NewDomain, members: readonly WorkloadId[]): void {
  const { topology } = set;
  if (topology.domains[domain.name] !== undefined)
    return set.refuse({ code: 'name-taken', detail: `there is a domain ${domain.name}` });
  const clusters = [...new Set(domain.clusters)].toSorted();
  const home = domain.home ?? clusters[0];
  if (home === undefined)
    return set.refuse({ code: 'unknown-cluster', detail: 'a domain needs at least one cluster' });
  const prefixes = domain.prefixes ?? suggestDomain(topology, clusters).prefixes;
  if (prefixes === undefined)
    return set.refuse({ code: 'invalid-prefix', detail: 'the pool of prefixes is used up; name a prefix' });
  const clash = newDomainClash(topology, domain.name, prefixes, clusters, members);
  if (clash) return set.refuse(clash);
  const spec: DomainSpec = {
    prefixes: [...prefixes],
    clusters: [],
    home,
    dnsName: defaultDnsName(domain.name),
    ...(domain.mtuBytes !== undefined && { mtuBytes: domain.mtuBytes }),
    allowedNamespaces: [...(domain.allowedNamespaces ?? ownNamespaces(topology, clusters))],
    owner: Object.values(topology.domains)[0]?.owner ?? 'local',
    target: 'flatland',
  };
  for (const cluster of clusters) if (!addSlices(set, domain.name, spec, cluster, clusters.length)) return;
  putEverywhere(set, domain.name, spec);
  linkSpanned(set, clusters);
  for (const member of members) joinNewDomain(set, member, domain.name);
}

/** Lets an existing domain span one more cluster: a slice of its own, and the changed object in each of its clusters. */
export function spanCluster(set: WorkingSet, cluster: ClusterName, domain: DomainName): void {
  const spec = currentSpec(set, domain);
  if (spec === undefined)
    return set.refuse({ code: 'domain-not-found', detail: `there is no domain ${domain}` });
  if (spec.clusters.some((entry) => entry.name === cluster)) return;
  const refusal = clusterRefusal(set.topology, cluster, spec.prefixes);
  if (refusal) return set.refuse(refusal);
  if (!addSlices(set, domain, spec, cluster, spec.clusters.length + 1)) return;
  putEverywhere(set, domain, spec);
  linkSpanned(
    set,
    spec.clusters.map(({ name }) => name),
  );
}

/** Takes a cluster out of a domain: its copy goes, once no member is left in it. */
export function unspanCluster(set: WorkingSet, cluster: ClusterName, domain: DomainName): void {
  const spec = currentSpec(set, domain);
  const copy = set.current(cluster, 'Domain', domain);
  if (spec === undefined || copy === undefined)
    return set.refuse({ code: 'cluster-not-in-domain', detail: `${domain} does not span ${cluster}` });
  if (spec.home === cluster)
    return set.refuse({ code: 'slice-conflict', detail: `${cluster} is the home of ${domain}` });
  const members = Object.values(set.topology.memberships).filter(
    (entry) =>
      entry.cluster === cluster &&
      entry.domain === domain &&
      set.current(cluster, 'Membership', entry.name, entry.namespace),
  );
  if (members.length > 0)
    return set.refuse({
      code: 'already-member',
      detail: `${members.length} memberships of ${domain} are left in ${cluster}`,
    });
  spec.clusters = spec.clusters.filter((entry) => entry.name !== cluster);
  putEverywhere(set, domain, spec);
  set.remove(cluster, copy);
}

/** Deletes a domain in each of its clusters, and the Memberships that Flatland made for it. */
export function deleteDomain(set: WorkingSet, domain: DomainName): void {
  const { topology } = set;
  if (topology.domains[domain] === undefined)
    return set.refuse({ code: 'domain-not-found', detail: `there is no domain ${domain}` });
  for (const membership of Object.values(topology.memberships).filter((entry) => entry.domain === domain)) {
    const object = set.current(membership.cluster, 'Membership', membership.name, membership.namespace);
    if (object) set.remove(membership.cluster, object);
  }
  for (const cluster of Object.values(topology.clusters)) {
    const copy = set.current(cluster.id, 'Domain', domain);
    if (copy) set.remove(cluster.id, copy);
  }
}

/** The spec that speaks for a domain, edits so far included; a copy that may be changed. */
export function currentSpec(set: WorkingSet, domain: string): DomainSpec | undefined {
  const home = set.topology.domains[domain]?.home;
  const clusters = [...(home ? [home] : []), ...Object.keys(set.topology.clusters)];
  for (const cluster of clusters) {
    const parsed = zDomain.safeParse(set.current(cluster, 'Domain', domain));
    if (parsed.success) return structuredCopy(parsed.data.spec);
  }
  return undefined;
}

function newDomainClash(
  topology: Topology,
  name: DomainName,
  prefixes: readonly Cidr[],
  clusters: readonly ClusterName[],
  members: readonly WorkloadId[],
) {
  const [first, second] = prefixes;
  if (first && second && cidrsOverlap(first, second))
    return { code: 'invalid-prefix' as const, detail: `${first} and ${second} overlap` };
  for (const cluster of clusters) {
    const refusal = clusterRefusal(topology, cluster, prefixes);
    if (refusal) return refusal;
  }
  for (const member of members)
    for (const entry of topology.workloads[member]?.domains ?? []) {
      const other = entry.counts ? topology.domains[entry.domain] : undefined;
      const clash = other && domainClash({ name, prefixes }, { name: other.id, prefixes: other.prefixes });
      if (clash) return clash;
    }
  return undefined;
}

function ownNamespaces(topology: Topology, clusters: readonly ClusterName[]): string[] {
  const all = clusters.flatMap((cluster) => topology.clusters[cluster]?.namespaces ?? []);
  return [...new Set(all)].filter((namespace) => !SYSTEM_NAMESPACES.test(namespace)).toSorted();
}

function addSlices(
  set: WorkingSet,
  domain: DomainName,
  spec: DomainSpec,
  cluster: ClusterName,
  nClusters: number,
): boolean {
  const slices: Cidr[] = [];
  for (const prefix of spec.prefixes) {
    const taken = spec.clusters
      .flatMap((entry) => entry.slices)
      .filter((slice) => cidrContains(prefix, slice));
    const slice = nextSlice(prefix, taken, nClusters);
    if (slice === undefined) {
      set.refuse({
        code: 'addresses-exhausted',
        detail: `${prefix} of ${domain} has no slice left for ${cluster}`,
      });
      return false;
    }
    slices.push(slice);
  }
  spec.clusters = [...spec.clusters, { name: cluster, slices }];
  return true;
}

function putEverywhere(set: WorkingSet, domain: DomainName, spec: DomainSpec): void {
  for (const cluster of spec.clusters) set.put(cluster.name, domainManifest(domain, spec));
}

function joinNewDomain(set: WorkingSet, member: WorkloadId, domain: DomainName): void {
  const ref = parseWorkloadId(member);
  if (ref === undefined || set.topology.workloads[member] === undefined)
    return set.refuse({ code: 'workload-not-found', detail: `there is no workload ${member}` });
  set.put(ref.cluster, membershipManifest({ domain, ...ref }));
}

function structuredCopy(spec: DomainSpec): DomainSpec {
  return { ...spec, clusters: spec.clusters.map((cluster) => ({ ...cluster })) };
}
