import type { ClusterName, DomainName } from '@flatland/shared/model/names';
import type { MeshView, Topology } from '@flatland/shared/topology/topology';
import { arbitraryWorld } from '@flatland/shared/testing/arbitrary-world';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SAMPLE, inputOf, probeOf, sampleTopology, topologyOf } from '../../testing/sample.ts';
import { buildGraph } from './build-graph.ts';
import { keyOf, memberKey } from './element-key.ts';
import type { GraphModel, MemberEdge } from './graph-model.ts';

const topology = sampleTopology();
const red = 'red' as DomainName;
const green = 'green' as DomainName;

describe('the map of the sample lab', () => {
  const model = buildGraph(inputOf(topology));

  it('shows clusters with their equal pod ranges as the problem', () => {
    const cluster = model.nodes.get('cluster:aws-east');
    expect(cluster).toMatchObject({ type: 'cluster', podRange: '10.244.0.0/16', nSharing: 2, nWorkloads: 4 });
  });

  it('gives a workload in two domains both, with its address in each', () => {
    const billing = model.nodes.get(keyOf({ type: 'workload', id: SAMPLE.billing }));
    if (billing?.type !== 'workload') throw new Error('billing is not drawn');
    expect(billing.domains.map((mark) => mark.name)).toEqual(['green', 'red']);
    expect(billing.addresses).toHaveLength(2);
    expect(billing).toMatchObject({ ready: 1, desired: 1, health: 'ready', parent: 'cluster:gke-west' });
  });

  it('marks the two domains with one prefix as clashing', () => {
    expect(model.nodes.get('domain:sandbox')).toMatchObject({ clash: 'red', memberCount: 1 });
    expect(model.nodes.get('domain:green')).not.toHaveProperty('clash');
  });

  it('draws one edge for each membership, and a counted one for each cluster and domain', () => {
    const edges = [...model.edges.values()];
    expect(edges.filter((edge) => edge.type === 'member')).toHaveLength(12);
    expect(model.edges.get('counted:cluster:aws-east|red')).toMatchObject({ count: 3 });
    expect(model.edges.get('counted:cluster:gke-west|green')).toMatchObject({ count: 3 });
  });

  it('hides what runs the system, and says so', () => {
    expect(model.hidden.filtered).toBe(0);
    expect(model.hidden.system).toBeGreaterThan(0);
    const shown = buildGraph(inputOf(topology, { options: { filter: filter({ showSystem: true }) } }));
    expect(shown.hidden.system).toBe(0);
    expect(shown.nodes.size).toBe(model.nodes.size + model.hidden.system);
  });
});

describe('the state of a mesh', () => {
  const id = 'aws-east/istio-red';
  const mesh = (status?: 'True' | 'False' | 'Unknown') => {
    const conditions = status
      ? [{ type: 'Ready', status, reason: 'r', message: '', lastTransitionTime: '' }]
      : [];
    const view: MeshView = {
      id,
      cluster: 'aws-east' as ClusterName,
      name: 'istio-red',
      kind: 'istio',
      version: '1.28',
      domain: red,
      controlPlane: 'aws-east/istio-red/Deployment/istiod',
      intercepts: true,
      enrolled: [],
      conditions,
    };
    return buildGraph(inputOf({ ...topology, meshes: { [id]: view } })).nodes.get(`mesh:${id}`);
  };

  it('is what its Ready condition says, and unknown where nothing has reported', () => {
    expect(mesh('True')).toMatchObject({ state: 'ready' });
    expect(mesh('False')).toMatchObject({ state: 'not-ready' });
    expect(mesh('Unknown')).toMatchObject({ state: 'unknown' });
    expect(mesh()).toMatchObject({ state: 'unknown' });
  });
});

describe('the state of a membership', () => {
  const key = memberKey(SAMPLE.cart, red);
  const state = (model: GraphModel) => (model.edges.get(key) as MemberEdge | undefined)?.state;

  it('is plain where nothing was probed', () => {
    expect(state(buildGraph(inputOf(topology)))).toEqual({ kind: 'member' });
  });

  it('is proved by the latest packet that came back', () => {
    const probes = [
      probeOf(SAMPLE.cart, SAMPLE.frontend, 'red', { echoed: true, agrees: true, atMs: 10 }),
      probeOf(SAMPLE.catalog, SAMPLE.cart, 'red', { echoed: true, agrees: true, atMs: 20 }),
    ];
    expect(state(buildGraph(inputOf(topology, { probes })))).toEqual({
      kind: 'proved',
      atMs: 20,
      rttMs: 0.3,
      simulated: false,
    });
  });

  it('is loud where a packet disagrees with the verdict, whatever else came back', () => {
    const probes = [
      probeOf(SAMPLE.cart, SAMPLE.frontend, 'red', { echoed: true, agrees: true }),
      probeOf(SAMPLE.cart, SAMPLE.catalog, 'red', { echoed: false, agrees: false }),
    ];
    expect(state(buildGraph(inputOf(topology, { probes })))).toEqual({
      kind: 'disagrees',
      code: 'probe-timeout',
    });
  });

  it('is being programmed until each running instance has its address', () => {
    const workload = topology.workloads[SAMPLE.cart]!;
    const bare = withWorkload(topology, {
      ...workload,
      instances: workload.instances.map((instance) => ({ ...instance, members: [] })),
    });
    expect(state(buildGraph(inputOf(bare)))).toEqual({ kind: 'programming', programmed: 0, instances: 1 });
  });

  it('is a member without a pulse where there is nothing to program: scaled to zero', () => {
    const workload = topology.workloads[SAMPLE.cart]!;
    const idle = withWorkload(topology, { ...workload, instances: [], replicas: { ready: 0, desired: 0 } });
    expect(state(buildGraph(inputOf(idle)))).toEqual({ kind: 'member' });
    const starting = withWorkload(topology, {
      ...workload,
      instances: [],
      replicas: { ready: 0, desired: 1 },
    });
    expect(state(buildGraph(inputOf(starting)))).toMatchObject({ kind: 'programming', instances: 0 });
  });

  it('has failed where the domain does not admit it', () => {
    const workload = topology.workloads[SAMPLE.cart]!;
    const refused = withWorkload(topology, {
      ...workload,
      domains: workload.domains.map((entry) => ({
        ...entry,
        counts: false,
        refusal: { code: 'namespace-not-allowed' as const, detail: 'red does not admit shop' },
      })),
    });
    expect(state(buildGraph(inputOf(refused)))).toMatchObject({
      kind: 'failed',
      code: 'namespace-not-allowed',
    });
  });
});

describe('staged changes on the map', () => {
  it('add an edge, and the domain to the rim as staged', () => {
    const model = buildGraph(
      inputOf(topology, { intents: [{ kind: 'join', workload: SAMPLE.reporting, domain: green }] }),
    );
    expect(model.edges.get(memberKey(SAMPLE.reporting, green))).toMatchObject({
      state: { kind: 'staged-add' },
    });
    expect(model.nodes.get(keyOf({ type: 'workload', id: SAMPLE.reporting }))).toMatchObject({
      joining: ['green'],
    });
  });

  it('strike an edge, and keep it drawn', () => {
    const model = buildGraph(
      inputOf(topology, { intents: [{ kind: 'leave', workload: SAMPLE.cart, domain: red }] }),
    );
    expect(model.edges.get(memberKey(SAMPLE.cart, red))).toMatchObject({ state: { kind: 'staged-remove' } });
  });

  it('draw a new domain with its members and clusters before it exists', () => {
    const model = buildGraph(
      inputOf(topology, {
        intents: [
          {
            kind: 'create-domain',
            domain: { name: 'print' as DomainName, clusters: [topology.clusters['onprem-fra']!.id] },
            members: [SAMPLE.printServer],
          },
        ],
      }),
    );
    expect(model.nodes.get('domain:print')).toMatchObject({ staged: 'add' });
    expect(model.edges.get(memberKey(SAMPLE.printServer, 'print'))).toMatchObject({
      state: { kind: 'staged-add' },
    });
    expect(model.edges.get('span:onprem-fra|print')).toMatchObject({ staged: 'add' });
  });

  it('are never hidden by a filter', () => {
    const model = buildGraph(
      inputOf(topology, {
        intents: [{ kind: 'join', workload: SAMPLE.reporting, domain: green }],
        options: { filter: filter({ text: 'no such workload' }) },
      }),
    );
    expect(workloadsOf(model)).toEqual(['reporting']);
    expect(model.hidden.filtered).toBe(11);
  });
});

describe('filters', () => {
  it('match every word in name, namespace, cluster, kind or domain', () => {
    const model = buildGraph(inputOf(topology, { options: { filter: filter({ text: 'shop gke' }) } }));
    expect(workloadsOf(model)).toEqual(['catalog']);
  });

  it('keep members of the chosen domains', () => {
    const model = buildGraph(inputOf(topology, { options: { filter: filter({ domains: ['sandbox'] }) } }));
    expect(workloadsOf(model)).toEqual(['sandbox-api']);
  });

  it('narrow to what the focused workload shares a domain with', () => {
    const focus = keyOf({ type: 'workload', id: SAMPLE.ledgerDb });
    const model = buildGraph(inputOf(topology, { options: { filter: filter({ focus }) } }));
    expect(workloadsOf(model)).toEqual(['billing', 'consul-server', 'ledger-db', 'settlement']);
  });

  it('can show only what is in trouble', () => {
    const probes = [probeOf(SAMPLE.cart, SAMPLE.catalog, 'red', { echoed: false, agrees: false })];
    const model = buildGraph(
      inputOf(topology, { probes, options: { filter: filter({ onlyTrouble: true }) } }),
    );
    expect(workloadsOf(model)).toEqual(['cart', 'catalog']);
  });
});

describe('namespaces', () => {
  it('group workloads, and fold to one node with counted edges', () => {
    const folded = new Set(['namespace:aws-east/shop']);
    const model = buildGraph(inputOf(topology, { options: { groupNamespaces: true, folded } }));
    expect(model.nodes.get('namespace:aws-east/shop')).toMatchObject({ folded: true, nWorkloads: 2 });
    expect(model.nodes.has(keyOf({ type: 'workload', id: SAMPLE.cart }))).toBe(false);
    expect(model.edges.get('counted:namespace:aws-east/shop|red')).toMatchObject({ count: 2 });
    expect(model.nodes.get(keyOf({ type: 'workload', id: SAMPLE.catalog }))?.parent).toBe(
      'namespace:gke-west/shop',
    );
  });
});

describe('any map', () => {
  it('has only edges between drawn nodes, and parents that are drawn', () => {
    fc.assert(
      fc.property(arbitraryWorld, fc.boolean(), (world, groupNamespaces) => {
        const model = buildGraph(inputOf(topologyOf(world), { options: { groupNamespaces } }));
        for (const edge of model.edges.values()) {
          expect(model.nodes.has(edge.source)).toBe(true);
          expect(model.nodes.has(edge.target)).toBe(true);
        }
        for (const node of model.nodes.values())
          if (node.parent !== undefined) expect(model.nodes.has(node.parent)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('is the same for the same topology in another order', () => {
    const shuffled = Object.fromEntries(
      Object.entries(topology).map(([collection, elements]) => [
        collection,
        Object.fromEntries(Object.entries(elements as object).toReversed()),
      ]),
    ) as unknown as Topology;
    const keys = (model: GraphModel) => [[...model.nodes.keys()], [...model.edges.keys()]];
    expect(keys(buildGraph(inputOf(shuffled)))).toEqual(keys(buildGraph(inputOf(topology))));
  });
});

function filter(change: object) {
  return {
    text: '',
    domains: [],
    focus: undefined,
    showSystem: false,
    onlyTrouble: false,
    ...change,
  };
}

function workloadsOf(model: GraphModel): string[] {
  return [...model.nodes.values()]
    .filter((node) => node.type === 'workload')
    .map((node) => node.label)
    .toSorted((a, b) => (a < b ? -1 : 1));
}

function withWorkload(base: Topology, workload: Topology['workloads'][string]): Topology {
  return { ...base, workloads: { ...base.workloads, [workload.id]: workload } };
}
