import { choosePrefixes } from '../address/pool.ts';
import { cidrFamily, cidrsOverlap } from '../address/arithmetic.ts';
import type { Cidr } from '../address/cidr.ts';
import { rangeClash } from '../topology/domain-rules.ts';
import { clusterRanges } from '../topology/facts/cluster-ranges.ts';
import type { ClusterRanges } from '../topology/topology.ts';
import type { PreflightFacts, PreflightSurroundings } from './facts.ts';
import { line, type PreflightLine } from './line.ts';

/** The cluster’s ranges beside those of the other clusters, of the domains, and of the pool of new domains. */
export function rangeLines(facts: PreflightFacts, around: PreflightSurroundings): PreflightLine[] {
  const ranges = rangesOf(facts);
  const used = [...ranges.pods, ...ranges.services, ...ranges.nodes];
  return [
    ...podLines(ranges, around),
    ...nodeAddressLines(ranges, around),
    ...nodeFamilyLines(ranges, around),
    ...(used.length === 0 ? [] : domainLines(ranges, used, around)),
  ];
}

function rangesOf(facts: PreflightFacts): ClusterRanges {
  const all = [facts.nodes, facts.serviceCidrs].flatMap((known) => (known.ok ? known.value : []));
  const config = facts.kubeadmConfig.ok ? facts.kubeadmConfig.value : undefined;
  return clusterRanges(Map.groupBy(config === undefined ? all : [...all, config], (object) => object.kind));
}

function podLines({ pods, services }: ClusterRanges, { clusters }: PreflightSurroundings): PreflightLine[] {
  if (pods.length === 0)
    return [
      line(
        'ranges',
        'unknown',
        'Neither kubeadm-config nor the nodes’ podCIDRs say what range pods have, so no clash with it can be seen',
        'Choose prefixes for domains that do not overlap it',
      ),
    ];
  const said = [
    `pods ${pods.join(' ')}`,
    services.length === 0 ? 'services unknown' : `services ${services.join(' ')}`,
  ].join(', ');
  const sharing = clusters.filter((other) => overlapping(pods, other.ranges.pods)).map(({ id }) => id);
  const note =
    sharing.length === 0
      ? ''
      : `. ${sharing.toSorted().join(', ')} ${sharing.length === 1 ? 'has' : 'have'} overlapping pod ranges; that is fine, since members have addresses of their own`;
  return [line('ranges', 'ok', `${said}${note}`)];
}

function nodeAddressLines({ nodes }: ClusterRanges, { clusters }: PreflightSurroundings): PreflightLine[] {
  return clusters.flatMap((other) => {
    const same = nodes.find((address) => other.ranges.nodes.includes(address));
    return same === undefined
      ? []
      : [
          line(
            'ranges',
            'warning',
            `A node has the address ${same.split('/')[0]}, as one of ${other.id} has`,
            'Configure endpoints for the agents that both sides can tell apart, or set a relay',
          ),
        ];
  });
}

/** Datagrams between nodes have a family; a domain’s own addresses do not depend on it. */
function nodeFamilyLines({ nodes }: ClusterRanges, { clusters }: PreflightSurroundings): PreflightLine[] {
  const here = new Set(nodes.map(cidrFamily));
  if (here.size !== 1) return [];
  return clusters.flatMap(({ id, ranges }) => {
    if (ranges.nodes.length === 0 || ranges.nodes.some((node) => here.has(cidrFamily(node)))) return [];
    const [own, other] = here.has(6) ? ['IPv6', 'IPv4'] : ['IPv4', 'IPv6'];
    return [
      line(
        'udp',
        'warning',
        `Nodes have ${own} addresses only, those of ${id} ${other} only: no datagram passes between them`,
        'Give the nodes of one side addresses of both families, or set a relay that has both',
      ),
    ];
  });
}

function domainLines(
  ranges: ClusterRanges,
  used: readonly Cidr[],
  { name, domains }: PreflightSurroundings,
): PreflightLine[] {
  const clashes = domains.flatMap(({ id, prefixes }) => {
    const clash = rangeClash(prefixes, name, ranges);
    return clash === undefined
      ? []
      : [
          line(
            'domain-pool',
            'warning',
            `${id} cannot span this cluster: ${clash.detail}`,
            'Use another domain here, or give the domain another prefix',
          ),
        ];
  });
  const pool = choosePrefixes([...used, ...domains.flatMap(({ prefixes }) => prefixes)]);
  if (pool === undefined)
    return [
      ...clashes,
      line(
        'domain-pool',
        'warning',
        'The pool of prefixes for new domains has none that overlaps nothing here',
        'Name a prefix with each new domain',
      ),
    ];
  if (clashes.length > 0) return clashes;
  const said = domains.length === 0 ? 'There is no domain yet' : 'No domain’s prefix overlaps its ranges';
  return [line('domain-pool', 'ok', `${said}; the next new domain takes ${pool.join(' and ')}`)];
}

function overlapping(some: readonly Cidr[], others: readonly Cidr[]): boolean {
  return some.some((a) => others.some((b) => cidrsOverlap(a, b)));
}
