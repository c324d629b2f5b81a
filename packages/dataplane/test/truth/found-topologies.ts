import type {
  TruthCluster,
  TruthDomain,
  TruthEvent,
  TruthPod,
  TruthTopology,
  TruthWorkload,
} from './topology.ts';

/** What is left of topologies in which verdict and packet once differed, by what came out of it. */
export const FOUND_TOPOLOGIES: Readonly<Record<string, TruthTopology>> = {
  'a pod that starts or ends is reached as long as it is a member': topology(
    [cluster('east', 1)],
    [domain('d0', { east: ['10.81.0.0/20'] })],
    [workload('east', ['east-1', 'east-1', 'east-1'], ['running', 'starting', 'ending'])],
  ),
  'nodes find the relay that one of them declares, although it declares the other as well': topology(
    [cluster('east', 3, { 'east-1': ['east/east-2', 'east/east-3'] })],
    [domain('d0', { east: ['10.81.0.0/20'] })],
    [workload('east', ['east-1', 'east-2', 'east-3'])],
    { partitions: [['east/east-1', 'east/east-3']] },
  ),
  'nodes that declare different relays agree on one': topology(
    [cluster('east', 4, { 'east-1': ['east/east-3'], 'east-2': ['east/east-4'] })],
    [domain('d0', { east: ['10.81.0.0/20'] })],
    [workload('east', ['east-1', 'east-2', 'east-3', 'east-4'])],
    { partitions: [['east/east-1', 'east/east-2']] },
  ),
  'a relay that does not reach the other end carries nothing, and is not waited for': topology(
    [cluster('east', 4, { 'east-1': ['east/east-3', 'east/east-4'] })],
    [domain('d0', { east: ['10.81.0.0/20'] })],
    [workload('east', ['east-1', 'east-2', 'east-3', 'east-4'])],
    {
      partitions: [
        ['east/east-1', 'east/east-2'],
        ['east/east-2', 'east/east-3'],
      ],
    },
  ),
  'a partition that is told twice heals': topology(
    [cluster('east', 2)],
    [domain('d0', { east: ['10.81.0.0/20'] })],
    [workload('east', ['east-1', 'east-2'])],
    {
      partitions: [
        ['east/east-1', 'east/east-2'],
        ['east/east-2', 'east/east-1'],
      ],
      happens: { what: 'heal', n: 0, m: 0 },
    },
  ),
  'a relay that lacks a family is none': topology(
    [cluster('east', 2, { 'east-2': ['west/west-1'] }), cluster('west', 1)],
    [domain('d0', { east: ['10.82.0.0/20', 'fd00:82::/52'], west: ['10.82.16.0/20'] })],
    [workload('east', ['east-1', 'east-2']), workload('west', ['west-1'])],
    { partitions: [['east/east-1', 'east/east-2']] },
  ),
  'clusters with slices of different families reach each other in the one that they share': topology(
    [cluster('east', 1), cluster('north', 1)],
    [domain('d0', { east: ['10.82.0.0/20', 'fd00:82::/52'], north: ['fd00:82:0:2000::/52'] })],
    [workload('east', ['east-1']), workload('north', ['north-1'])],
  ),
  'clusters that share no family do not reach each other, and nobody says that they do': topology(
    [cluster('west', 1), cluster('north', 1)],
    [domain('d0', { west: ['10.82.16.0/20'], north: ['fd00:82:0:2000::/52'] })],
    [workload('west', ['west-1']), workload('north', ['north-1'])],
  ),
  'a node that loses its block finds another at once': topology(
    [cluster('east', 2)],
    [domain('d0', { east: ['10.81.0.0/20'] })],
    [workload('east', ['east-1', 'east-2'])],
    { happens: { what: 'block-changes-hands', n: 0, m: 0 } },
  ),
  'a node that has lost its only block announces it no more': topology(
    [cluster('east', 1), cluster('west', 2)],
    [domain('d0', { east: ['10.82.0.0/28'], west: ['10.82.0.16/28'] })],
    [workload('east', ['east-1']), workload('west', ['west-2', 'west-1'])],
    { happens: { what: 'block-changes-hands', n: 1, m: 0 } },
  ),
  'a tunnel that dies is noticed': topology(
    [cluster('east', 2)],
    [domain('d0', { east: ['10.81.0.0/20'] })],
    [workload('east', ['east-1', 'east-2'])],
    { happens: { what: 'partition', n: 0, m: 1 } },
  ),
};

function topology(
  clusters: readonly TruthCluster[],
  domains: readonly TruthDomain[],
  workloads: readonly TruthWorkload[],
  more: { readonly partitions?: TruthTopology['partitions']; readonly happens?: TruthEvent } = {},
): TruthTopology {
  return {
    clusters,
    domains,
    workloads,
    memberships: clusters.map(({ name }) => ({
      cluster: name,
      namespace: 'shop',
      name: 'all',
      domain: 'd0',
      selects: { by: 'namespace' },
      createdAt: '2026-01-01T00:00:00Z',
    })),
    partitions: [],
    unmirrored: [],
    mirrorsInParts: false,
    away: [],
    happens: { what: 'nothing', n: 0, m: 0 },
    ...more,
  };
}

function cluster(name: string, nNodes: number, via: Readonly<Record<string, string[]>> = {}): TruthCluster {
  const nodes = Array.from({ length: nNodes }, (_, index) => {
    const node = `${name}-${index + 1}`;
    return { name: node, via: via[node] ?? [] };
  });
  return { name, nodes, saysNat: false, hasRanges: false };
}

function domain(name: string, slices: Readonly<Record<string, readonly string[]>>): TruthDomain {
  const prefixes = [...new Set(Object.values(slices).flat().map(prefixOf))];
  return { name, prefixes, slices, missingIn: [], allowedNamespaces: ['*'], target: 'flatland' };
}

/** 10.81.16.0/20 is of 10.81.0.0/16, fd00:82:0:2000::/52 of fd00:82::/48. */
function prefixOf(slice: string): string {
  const parts = slice.split(/[.:]/);
  return slice.includes(':') ? `${parts[0]}:${parts[1]}::/48` : `${parts[0]}.${parts[1]}.0.0/16`;
}

function workload(
  cluster: string,
  nodes: readonly string[],
  states: readonly TruthPod['state'][] = [],
): TruthWorkload {
  return {
    cluster,
    namespace: 'shop',
    name: 'app',
    kind: 'StatefulSet',
    tier: 'a',
    hostNetwork: false,
    isSandboxed: false,
    pods: nodes.map((node, index) => ({
      name: `app-${index}`,
      uid: `${cluster}-app-${index}`,
      node,
      state: states[index] ?? 'running',
    })),
  };
}
