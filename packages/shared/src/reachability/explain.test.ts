import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import { SAMPLE_WORLD } from '../testing/sample-world.ts';
import { snapshotOf, type World } from '../testing/world.ts';
import { buildTopology } from '../topology/build-topology.ts';
import { createReachability } from './explain.ts';

const FRONTEND = 'aws-east/shop/Deployment/frontend';
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
  return createReachability(buildTopology(changed)).verdict({ workload: from }, { workload: to });
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
