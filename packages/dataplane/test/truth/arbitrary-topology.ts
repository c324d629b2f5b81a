import fc from 'fast-check';
import { cidrFamily, cidrLength, subnetAt } from '@flatland/shared/address/arithmetic';
import type { Cidr } from '@flatland/shared/address/cidr';
import type {
  TruthCluster,
  TruthDomain,
  TruthMembership,
  TruthPod,
  TruthTopology,
  TruthWorkload,
} from './topology.ts';

const CLUSTERS = ['east', 'west', 'north'];
const NAMESPACES = ['shop', 'ledger', 'dev'];
const PREFIXES = [
  ['10.81.0.0/16', 'fd00:81::/48'],
  ['10.81.0.0/16'],
  ['fd00:81::/48'],
  ['10.82.0.0/16', 'fd00:82::/48'],
  ['10.82.0.0/16'],
  ['10.81.128.0/17'],
  ['fd00:83::/48'],
  // The range of pods, where a cluster tells it.
  ['10.244.0.0/16'],
  // The nodes' own addresses.
  ['192.0.2.0/24'],
];

const NO_PAIRS: fc.Arbitrary<[number, number][]> = fc.constant([]);

/** Numbers only: what they mean is a matter of what there is, so that each of them shrinks by itself. */
const rawTopology = fc.record({
  clusters: sized(
    fc.record({
      vias: sized(sized(fc.nat(), 0, 2), 1, 3),
      nat: odds([4, 'none'], [1, 'symmetric'], [1, 'port-restricted']),
      saysNat: fc.boolean(),
      hasRanges: fc.boolean(),
    }),
    1,
    3,
  ),
  domains: sized(
    fc.record({
      prefixes: either([6, fc.nat(6)], [1, fc.nat(PREFIXES.length - 1)]),
      clusters: either([5, fc.constant(7)], [2, fc.integer({ min: 1, max: 7 })]),
      missingIn: either([12, fc.constant(0)], [1, fc.integer({ min: 1, max: 7 })]),
      slices: odds([6, 'ample'], [1, 'tiny'], [1, 'one-family'], [1, 'overlapping']),
      namespaces: odds([9, '*'], [2, 'shop'], [1, 'shop,ledger'], [1, '']),
      target: odds([12, 'flatland'], [1, 'nsm']),
    }),
    0,
    4,
  ),
  workloads: sized(
    fc.record({
      cluster: fc.nat(),
      namespace: either([3, fc.constant(0)], [1, fc.nat(2)]),
      kind: fc.constantFrom(
        'Deployment' as const,
        'StatefulSet' as const,
        'DaemonSet' as const,
        'Pod' as const,
      ),
      tier: fc.constantFrom('a', 'b'),
      hostNetwork: odds([9, false], [1, true]),
      isSandboxed: odds([19, false], [1, true]),
      pods: sized(
        fc.record({
          node: fc.nat(),
          state: odds([16, 'running'], [1, 'starting'], [1, 'ending'], [1, 'ended'], [1, 'waiting']),
        }),
        1,
        4,
      ),
    }),
    1,
    10,
  ),
  memberships: sized(
    fc.record({
      workload: fc.nat(),
      domain: fc.nat(),
      by: odds([6, 'workload'], [1, 'tier'], [1, 'namespace']),
      minute: fc.nat(59),
    }),
    0,
    24,
  ),
  partitions: either([2, NO_PAIRS], [1, sized(fc.tuple(fc.nat(), fc.nat()), 1, 3)]),
  unmirrored: either([5, NO_PAIRS], [1, sized(fc.tuple(fc.nat(), fc.nat()), 1, 2)]),
  mirrorsInParts: fc.boolean(),
  happens: fc.record({
    what: odds(
      [6, 'nothing'],
      [2, 'partition'],
      [2, 'heal'],
      [2, 'leave'],
      [1, 'pod-goes'],
      [1, 'namespaces-close'],
      [1, 'domain-goes'],
      [1, 'block-goes'],
      [1, 'block-changes-hands'],
      [1, 'node-object-goes'],
      [1, 'agent-restarts'],
      [1, 'forwarder-restarts'],
      [1, 'api-goes-away'],
    ),
    n: fc.nat(),
    m: fc.nat(),
  }),
});

type RawTopology = typeof rawTopology extends fc.Arbitrary<infer Raw> ? Raw : never;

/**
 * Topologies of one to three clusters of one to three nodes, up to four domains (equal, overlapping and clashing
 * prefixes, tiny and wrong slices, copies that are missing) and up to ten workloads, with NATs, relays and partitions.
 */
export const arbitraryTopology: fc.Arbitrary<TruthTopology> = rawTopology.map(topologyOf);

function topologyOf(raw: RawTopology): TruthTopology {
  const nodeNames = raw.clusters.flatMap((cluster, index) =>
    cluster.vias.map((_, n) => `${CLUSTERS[index]}/${CLUSTERS[index]}-${n + 1}`),
  );
  const clusters = raw.clusters.map((cluster, index): TruthCluster => {
    const name = CLUSTERS[index] ?? '';
    const nodes = cluster.vias.map((vias, n) => {
      const own = `${name}/${name}-${n + 1}`;
      const via = [...new Set(vias.map((number) => pick(nodeNames, number)))].filter(
        (relay) => relay !== own,
      );
      return { name: `${name}-${n + 1}`, via };
    });
    const { nat, saysNat, hasRanges } = cluster;
    return { name, nodes, ...(nat !== 'none' && { nat }), saysNat, hasRanges };
  });
  const names = clusters.map(({ name }) => name);
  const domains = raw.domains.map((domain, index) => domainOf(`d${index}`, domain, names));
  const workloads = raw.workloads.map((workload, index) => workloadOf(`w${index}`, workload, clusters));
  // Between nodes that have pods, a partition matters.
  const podNodes = workloads.flatMap(({ cluster, pods }) => pods.map(({ node }) => `${cluster}/${node}`));
  return {
    clusters,
    domains,
    workloads,
    memberships: raw.memberships.map((membership, index) =>
      membershipOf(`m${index}`, membership, { workloads, domains }),
    ),
    partitions: raw.partitions
      .map(([a, b]) => [pick(podNodes, a), pick(podNodes, b)] as const)
      .filter(([a, b]) => a !== b),
    unmirrored: raw.unmirrored
      .map(([origin, target]) => ({ origin: pick(names, origin), target: pick(names, target) }))
      .filter(({ origin, target }) => origin !== target),
    mirrorsInParts: raw.mirrorsInParts,
    away: [],
    happens: raw.happens,
  };
}

function domainOf(
  name: string,
  raw: RawTopology['domains'][number],
  clusters: readonly string[],
): TruthDomain {
  const prefixes = PREFIXES[raw.prefixes] ?? [];
  const chosen = clusters.filter((_, index) => (raw.clusters & (1 << index)) !== 0);
  const spanned = chosen.length > 0 ? chosen : clusters.slice(0, 1);
  return {
    name,
    prefixes,
    slices: Object.fromEntries(
      spanned.map((cluster, index) => [cluster, slicesOf(prefixes, raw.slices, index)]),
    ),
    missingIn: spanned.filter((cluster) => (raw.missingIn & (1 << clusters.indexOf(cluster))) !== 0),
    allowedNamespaces: raw.namespaces === '' ? [] : raw.namespaces.split(','),
    target: raw.target,
  };
}

function slicesOf(
  prefixes: readonly string[],
  how: RawTopology['domains'][number]['slices'],
  cluster: number,
): string[] {
  const all = (prefixes as Cidr[]).map((prefix) => {
    const isIpv4 = cidrFamily(prefix) === 4;
    const ample = Math.min(cidrLength(prefix) + 4, isIpv4 ? 26 : 122);
    const length = how === 'tiny' ? (isIpv4 ? 28 : 124) : ample;
    return subnetAt(prefix, length, BigInt(how === 'overlapping' ? 0 : cluster)) as string;
  });
  // Clusters after the first lack a family, each another one.
  return how === 'one-family' && all.length > 1 && cluster > 0
    ? all.filter((_, n) => n !== cluster % 2)
    : all;
}

function workloadOf(
  name: string,
  raw: RawTopology['workloads'][number],
  clusters: readonly TruthCluster[],
): TruthWorkload {
  const cluster = pick(clusters, raw.cluster);
  const { kind, tier, hostNetwork, isSandboxed } = raw;
  const wanted =
    kind === 'DaemonSet' ? cluster.nodes.map((_, node) => ({ node, state: 'running' as const })) : raw.pods;
  const pods = (kind === 'Pod' ? wanted.slice(0, 1) : wanted).map(({ node, state }, index): TruthPod => {
    const pod = kind === 'Pod' ? name : kind === 'Deployment' ? `${name}-7d9f-${index}` : `${name}-${index}`;
    return {
      name: pod,
      uid: `${cluster.name}-${pod}`,
      node: pick(cluster.nodes, node).name,
      state: hostNetwork && state === 'waiting' ? 'running' : state,
    };
  });
  const namespace = NAMESPACES[raw.namespace] ?? '';
  return { cluster: cluster.name, namespace, name, kind, tier, hostNetwork, isSandboxed, pods };
}

function membershipOf(
  name: string,
  raw: RawTopology['memberships'][number],
  world: { readonly workloads: readonly TruthWorkload[]; readonly domains: readonly TruthDomain[] },
): TruthMembership {
  const workload = pick(world.workloads, raw.workload);
  const { cluster, namespace, kind, tier } = workload;
  return {
    cluster,
    namespace,
    name,
    // Without any domain it names one that is not there.
    domain: world.domains.length === 0 ? 'd0' : pick(world.domains, raw.domain).name,
    selects:
      raw.by === 'workload'
        ? { by: 'workload', kind, name: workload.name }
        : raw.by === 'tier'
          ? { by: 'tier', tier }
          : { by: 'namespace' },
    createdAt: `2026-01-01T00:${String(raw.minute).padStart(2, '0')}:00Z`,
  };
}

function pick<Value>(values: readonly Value[], number: number): Value {
  return values[number % values.length] as Value;
}

function sized<Value>(one: fc.Arbitrary<Value>, minLength: number, maxLength: number): fc.Arbitrary<Value[]> {
  return fc.array(one, { minLength, maxLength, size: 'max' });
}

/** One of several values, each after its weight; what shrinks goes to the first. */
function odds<const Value>(...entries: readonly (readonly [weight: number, Value])[]): fc.Arbitrary<Value> {
  return either(...entries.map(([weight, value]) => [weight, fc.constant(value)] as const));
}

/** One of several arbitraries, each after its weight; what shrinks goes to the first. */
function either<Value>(
  ...entries: readonly (readonly [weight: number, fc.Arbitrary<Value>])[]
): fc.Arbitrary<Value> {
  return fc.oneof(
    { withCrossShrink: true },
    ...entries.map(([weight, arbitrary]) => ({ weight, arbitrary })),
  );
}
