import { cidrsOverlap } from '@flatland/shared/address/arithmetic';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { TruthDomain, TruthInstance, TruthMembership, TruthTopology } from './topology.ts';

/** Addresses of a block, less the router's. */
const PODS_OF_A_BLOCK = 15;

/**
 * What must be, by the topology's own words and none of the product's code: a second opinion beside verdict and packet,
 * which could both be wrong in the same way. `unclear` is whatever takes more than a few words to say.
 */
export type Expectation = 'reaches' | 'apart' | 'unclear';

/** Whether one instance must reach another in a domain. */
export function expectationOf(
  topology: TruthTopology,
  domain: TruthDomain,
  a: TruthInstance,
  b: TruthInstance,
): Expectation {
  const members = [a, b].map((one) => isMember(topology, domain, one));
  if (members.includes('no')) return 'apart';
  if (members.includes('unclear') || !sharesFamily(domain, a, b)) return 'unclear';
  return wayBetween(topology, domain, a.nodeId, b.nodeId) === 'open' ? 'reaches' : 'unclear';
}

/** Why a verdict about a pair may be unknown, in words; empty where nothing is wrong. */
export function causesOfDoubt(topology: TruthTopology, a: TruthInstance, b: TruthInstance): string[] {
  const causes: string[] = [];
  for (const { pod } of [a, b]) if (pod.state === 'waiting') causes.push(`${pod.name} has no sandbox`);
  const clusters = [a.workload.cluster, b.workload.cluster];
  for (const domain of topology.domains) {
    if (domain.target === 'nsm') causes.push(`${domain.name} is programmed by something else`);
    if (clusters.some((cluster) => domain.missingIn.includes(cluster)))
      causes.push(`${domain.name} is missing in a cluster`);
    if (wayBetween(topology, domain, a.nodeId, b.nodeId) !== 'open')
      causes.push(`the way between ${a.nodeId} and ${b.nodeId} in ${domain.name} is not open`);
  }
  for (const cluster of topology.away)
    if (clusters.includes(cluster)) causes.push(`the API of ${cluster} is away`);
  for (const { origin, target } of topology.unmirrored)
    if (clusters.includes(origin) && clusters.includes(target))
      causes.push(`${target} is told nothing of ${origin}`);
  return causes;
}

/** Whether some Membership and Domain make an instance a member; clashes between domains are unclear. */
function isMember(
  topology: TruthTopology,
  domain: TruthDomain,
  one: TruthInstance,
): 'yes' | 'no' | 'unclear' {
  const { workload, pod } = one;
  const chosen = topology.memberships.filter((membership) => selects(membership, one));
  if (!chosen.some((membership) => membership.domain === domain.name)) return 'no';
  if (workload.hostNetwork || workload.isSandboxed || pod.state === 'ended' || pod.state === 'waiting')
    return 'no';
  if (!admits(topology, domain, one)) return 'no';
  if (pod.state !== 'running' || isScarce(topology, domain, one)) return 'unclear';
  const others = topology.domains.filter(
    (other) =>
      other !== domain &&
      chosen.some((membership) => membership.domain === other.name) &&
      overlap(other.prefixes, domain.prefixes),
  );
  return others.length > 0 ? 'unclear' : 'yes';
}

function selects({ cluster, namespace, selects: by }: TruthMembership, { workload }: TruthInstance): boolean {
  if (cluster !== workload.cluster || namespace !== workload.namespace) return false;
  if (by.by === 'workload') return by.kind === workload.kind && by.name === workload.name;
  return by.by === 'namespace' || by.tier === workload.tier;
}

/** Whether the domain is there for the instance's cluster and namespace, and sound. */
function admits(topology: TruthTopology, domain: TruthDomain, { workload }: TruthInstance): boolean {
  const { allowedNamespaces } = domain;
  const cluster = topology.clusters.find(({ name }) => name === workload.cluster);
  return (
    domain.target === 'flatland' &&
    isSoundIn(domain, workload.cluster) &&
    !(cluster?.hasRanges === true && overlap(domain.prefixes, ['10.244.0.0/16'])) &&
    (allowedNamespaces.includes('*') || allowedNamespaces.includes(workload.namespace))
  );
}

function isSoundIn(domain: TruthDomain, cluster: string): boolean {
  const slices = Object.values(domain.slices).flat();
  return (
    domain.slices[cluster] !== undefined &&
    !domain.missingIn.includes(cluster) &&
    new Set(slices).size === slices.length
  );
}

/** A slice of one block is not enough for two nodes, or many pods; a domain may overlap the addresses of nodes. */
function isScarce(topology: TruthTopology, domain: TruthDomain, { workload }: TruthInstance): boolean {
  const { cluster } = workload;
  const nNodes = topology.clusters.find(({ name }) => name === cluster)?.nodes.length ?? 0;
  const nPods = topology.workloads
    .filter((other) => other.cluster === cluster)
    .reduce((sum, other) => sum + other.pods.length, 0);
  const isTiny = (domain.slices[cluster] ?? []).some((slice) => /\/(28|124)$/.test(slice));
  return (isTiny && (nNodes > 1 || nPods > PODS_OF_A_BLOCK)) || domain.prefixes.includes('192.0.2.0/24');
}

function sharesFamily(domain: TruthDomain, a: TruthInstance, b: TruthInstance): boolean {
  const families = (one: TruthInstance) =>
    (domain.slices[one.workload.cluster] ?? []).map((slice) => slice.includes(':'));
  return families(a).some((family) => families(b).includes(family));
}

/** Whether packets find a way between two nodes: straight, or through a relay that one of them declares. */
function wayBetween(topology: TruthTopology, domain: TruthDomain, a: string, b: string): 'open' | 'unclear' {
  if (a === b) return 'open';
  if (!isMirrored(topology, a, b)) return 'unclear';
  if (isDirect(topology, a, b)) return 'open';
  const relays = topology.clusters
    .flatMap(({ name, nodes }) => nodes.map((node) => ({ id: `${name}/${node.name}`, via: node.via })))
    .filter(({ id }) => id === a || id === b)
    .flatMap(({ via }) => via);
  const works = relays.some(
    (relay) =>
      relay !== a &&
      relay !== b &&
      isSoundIn(domain, clusterOf(relay)) &&
      !isScarceFor(topology, domain, clusterOf(relay)) &&
      [a, b].every((end) => isMirrored(topology, end, relay) && isDirect(topology, end, relay)),
  );
  return works ? 'open' : 'unclear';
}

function isScarceFor(topology: TruthTopology, domain: TruthDomain, cluster: string): boolean {
  const hasRanges = topology.clusters.some(({ name, hasRanges: tells }) => name === cluster && tells);
  return (
    domain.prefixes.includes('192.0.2.0/24') ||
    (hasRanges && domain.prefixes.includes('10.244.0.0/16')) ||
    (domain.slices[cluster] ?? []).length < domain.prefixes.length ||
    (domain.slices[cluster] ?? []).some((slice) => /\/(28|124)$/.test(slice))
  );
}

function isDirect(topology: TruthTopology, a: string, b: string): boolean {
  if (topology.partitions.some((pair) => pair.includes(a) && pair.includes(b))) return false;
  const behindNat = (id: string) =>
    topology.clusters.find(({ name }) => name === clusterOf(id))?.nat !== undefined;
  return clusterOf(a) === clusterOf(b) || !(behindNat(a) && behindNat(b));
}

function isMirrored(topology: TruthTopology, a: string, b: string): boolean {
  const clusters = [clusterOf(a), clusterOf(b)];
  return !topology.unmirrored.some(
    ({ origin, target }) => clusters.includes(origin) && clusters.includes(target),
  );
}

function overlap(some: readonly string[], others: readonly string[]): boolean {
  return (some as Cidr[]).some((one) => (others as Cidr[]).some((other) => cidrsOverlap(one, other)));
}

function clusterOf(nodeId: string): string {
  return nodeId.slice(0, nodeId.indexOf('/'));
}
