import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import type { ClusterName, DomainName, NodeName } from '../model/names.ts';
import type { NodeReport, PeerReport } from '../report/report.ts';
import { SAMPLE_WORLD } from '../testing/sample-world.ts';
import { snapshotOf, type World } from '../testing/world.ts';
import { buildTopology } from '../topology/build-topology.ts';
import { createReachability } from './explain.ts';
import { tunnelsOf } from './tunnels.ts';

const FRONTEND = 'aws-east/shop/Deployment/frontend';
const CART = 'aws-east/shop/Deployment/cart';
const INVENTORY = 'onprem-fra/shop/Deployment/inventory';
const LEDGER = 'aws-east/ledger/StatefulSet/ledger-db';
const REPORTING = 'onprem-fra/analytics/Deployment/reporting';
const BILLING = 'gke-west/finance/Deployment/billing';

function verdict(
  from: string,
  to: string,
  options: {
    world?: World;
    change?: (object: KubernetesObject, cluster: string) => KubernetesObject | undefined;
    instance?: string;
    reports?: readonly NodeReport[];
  } = {},
) {
  const snapshot = snapshotOf(options.world ?? SAMPLE_WORLD);
  const changed = {
    clusters: snapshot.clusters.map((cluster) => ({
      ...cluster,
      objects: cluster.objects.flatMap((object) =>
        options.change ? (options.change(object, cluster.cluster) ?? []) : object,
      ),
    })),
  };
  const reachability = createReachability(buildTopology(changed), tunnelsOf(options.reports ?? []));
  const end = options.instance === undefined ? {} : { instance: options.instance };
  return reachability.verdict({ workload: from }, { workload: to, ...end });
}

/** What the agent of a node says of its way to another node in red. */
function report(cluster: string, node: string, peer: Partial<PeerReport>): NodeReport {
  return {
    cluster: cluster as ClusterName,
    node: node as NodeName,
    datapath: 'kernel',
    atMs: 2000,
    startedAtMs: 0,
    domains: [
      {
        domain: 'red' as DomainName,
        conditions: [],
        flows: [],
        drops: {},
        peers: [
          {
            cluster: 'onprem-fra' as ClusterName,
            node: 'onprem-fra-0' as NodeName,
            publicKey: '',
            endpoint: '',
            path: 'direct',
            up: true,
            rxBytes: 0,
            txBytes: 0,
            ...peer,
          },
        ],
      },
    ],
  };
}

describe('a verdict', () => {
  it('is yes between members of one domain, with the Membership that decides and the path', () => {
    expect(verdict(FRONTEND, INVENTORY)).toEqual({
      answer: 'yes',
      reason: 'shared-domain',
      detail: 'frontend and inventory are members of red',
      domains: ['red'],
      deciding: {
        cluster: 'onprem-fra',
        apiVersion: 'flatland.dev/v1alpha1',
        kind: 'Membership',
        namespace: 'shop',
        name: 'red.deployment.inventory',
        field: 'spec.domain',
      },
      path: [
        { type: 'instance', workload: FRONTEND, instance: 'frontend-0', address: '10.81.0.1' },
        { type: 'router', node: 'aws-east/aws-east-0', domain: 'red' },
        { type: 'tunnel', from: 'aws-east/aws-east-0', to: 'onprem-fra/onprem-fra-0', domain: 'red' },
        { type: 'router', node: 'onprem-fra/onprem-fra-0', domain: 'red' },
        { type: 'instance', workload: INVENTORY, instance: 'inventory-0', address: '10.81.32.1' },
      ],
    });
  });

  it('is no without a shared domain, and names the Membership that is missing', () => {
    const found = verdict(FRONTEND, LEDGER);
    expect([found.answer, found.reason, found.detail]).toEqual([
      'no',
      'no-shared-domain',
      'there is no Membership of frontend in green',
    ]);
    expect(found.deciding?.name).toBe('green.deployment.frontend');
  });

  it('does not pass through a workload that is in two domains', () => {
    expect(verdict(FRONTEND, BILLING).answer).toBe('yes');
    expect(verdict(BILLING, LEDGER).answer).toBe('yes');
    expect(verdict(FRONTEND, LEDGER).answer).toBe('no');
  });

  it('is unknown while a member is not programmed', () => {
    const found = verdict(FRONTEND, INVENTORY, { world: { ...SAMPLE_WORLD, programmed: false } });
    expect([found.answer, found.reason]).toEqual(['unknown', 'not-programmed']);
  });

  it('is unknown without an agent, without a mirror, and without the cluster’s API', () => {
    const withoutAgents = {
      world: { ...SAMPLE_WORLD, programmed: false },
      change: (object: KubernetesObject) =>
        object.metadata.name.startsWith('flatland-agent-') ? undefined : object,
    };
    expect(verdict(FRONTEND, INVENTORY, withoutAgents).reason).toBe('no-agent');
    expect(
      verdict(FRONTEND, INVENTORY, {
        change: (object) => (object.kind === 'RemoteSlice' ? undefined : object),
      }).reason,
    ).toBe('not-mirrored');
    const [first, second, third] = SAMPLE_WORLD.clusters;
    if (!first || !second || !third) throw new Error('the sample has three clusters');
    const found = verdict(FRONTEND, INVENTORY, {
      world: { ...SAMPLE_WORLD, clusters: [first, second, { ...third, unreachable: true }] },
    });
    expect([found.answer, found.reason, found.sinceMs]).toEqual(['unknown', 'cluster-unreachable', 1000]);
  });

  it('names the rule of a Membership that does not count', () => {
    const closed = {
      world: {
        ...SAMPLE_WORLD,
        domains: SAMPLE_WORLD.domains.map((domain) => ({ ...domain, allowedNamespaces: ['finance'] })),
      },
    };
    const found = verdict(REPORTING, BILLING, closed);
    expect([found.answer, found.reason, found.deciding?.kind, found.deciding?.field]).toEqual([
      'no',
      'namespace-not-allowed',
      'Domain',
      'spec.allowedNamespaces',
    ]);
  });

  it('is no where the home copy of the domain leaves out the slice that a member’s address is in', () => {
    const found = verdict(FRONTEND, INVENTORY, { change: editedAtHome });
    expect([
      found.answer,
      found.reason,
      found.detail,
      found.deciding?.cluster,
      found.deciding?.field,
    ]).toEqual([
      'no',
      'slice-conflict',
      '10.81.32.1 of inventory-0 is in no slice of onprem-fra at home in aws-east',
      'aws-east',
      'spec.clusters',
    ]);
    expect(verdict(FRONTEND, BILLING, { change: editedAtHome }).answer).toBe('yes');
  });

  it('is unknown while the other cluster does not route an address yet', () => {
    const found = verdict(FRONTEND, INVENTORY, { change: withoutBlocks });
    expect([found.answer, found.reason]).toEqual(['unknown', 'not-mirrored']);
  });

  it('is no without a running instance', () => {
    const found = verdict(FRONTEND, INVENTORY, {
      change: (object) =>
        object.kind === 'Pod' && object.metadata.name.startsWith('inventory') ? undefined : object,
    });
    expect([found.answer, found.reason]).toEqual(['no', 'no-instance']);
  });

  it('is yes towards an instance that ends, as long as it is a member', () => {
    const ends = (object: KubernetesObject) =>
      object.kind === 'Pod' && object.metadata.name.startsWith('inventory')
        ? { ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }
        : object;
    expect(verdict(FRONTEND, INVENTORY, { change: ends, instance: 'inventory-1' }).answer).toBe('yes');
    expect(verdict(FRONTEND, INVENTORY, { change: ends }).answer).toBe('yes');
    const left = (object: KubernetesObject) =>
      object.kind === 'MemberSlice' && object.metadata.name.startsWith('red.onprem-fra')
        ? undefined
        : ends(object);
    expect(verdict(FRONTEND, INVENTORY, { change: left, instance: 'inventory-1' }).reason).toBe(
      'no-instance',
    );
  });

  it('is no where the two have addresses of different families', () => {
    const oneFamily = (object: KubernetesObject) => {
      if (object.kind !== 'MemberSlice') return object;
      const keeps = object.metadata.name.startsWith('red.onprem-fra') ? 1 : 0;
      const spec = object['spec'] as { members: { addresses: string[] }[] };
      const members = spec.members.map((member) => ({ ...member, addresses: [member.addresses[keeps]] }));
      return { ...object, spec: { ...spec, members } };
    };
    const found = verdict(FRONTEND, INVENTORY, { change: oneFamily });
    expect([found.answer, found.reason]).toEqual(['no', 'no-common-family']);
  });

  it('is unknown while an agent says that its tunnel is down, and shows the relay that packets take', () => {
    const down = report('aws-east', 'aws-east-0', { up: false, path: 'none', sinceMs: 1500 });
    const found = verdict(FRONTEND, INVENTORY, { instance: 'inventory-0', reports: [down] });
    expect([found.answer, found.reason, found.sinceMs]).toEqual(['unknown', 'tunnel-down', 1500]);
    expect(verdict(CART, INVENTORY, { instance: 'inventory-0', reports: [down] }).reason).toBe('tunnel-down');
    const relayed = report('aws-east', 'aws-east-0', { path: 'relay', relay: 'gke-west/gke-west-1' });
    expect(verdict(CART, INVENTORY, { instance: 'inventory-0', reports: [relayed] }).path[2]).toMatchObject({
      type: 'tunnel',
      relay: 'gke-west/gke-west-1',
    });
  });

  it('is the same both ways for every pair of the sample', () => {
    const reachability = createReachability(buildTopology(snapshotOf(SAMPLE_WORLD)));
    const ids = Object.keys(buildTopology(snapshotOf(SAMPLE_WORLD)).workloads);
    for (const a of ids)
      for (const b of ids)
        expect(reachability.verdict({ workload: a }, { workload: b }).answer).toBe(
          reachability.verdict({ workload: b }, { workload: a }).answer,
        );
  });
});

/** red loses onprem-fra in the copy that speaks, that of aws-east; mirrors then carry none of its blocks. */
function editedAtHome(object: KubernetesObject, cluster: string): KubernetesObject {
  if (cluster !== 'aws-east' || object.kind !== 'Domain' || object.metadata.name !== 'red')
    return withoutBlocks(object);
  const spec = object['spec'] as { home: string; clusters: { name: string }[] };
  return {
    ...object,
    spec: { ...spec, clusters: spec.clusters.filter(({ name }) => name !== 'onprem-fra') },
  };
}

function withoutBlocks(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'RemoteSlice' || !object.metadata.name.startsWith('onprem-fra')) return object;
  const spec = object['spec'] as { peers: object[] };
  return { ...object, spec: { ...spec, peers: spec.peers.map((peer) => ({ ...peer, blocks: [] })) } };
}
