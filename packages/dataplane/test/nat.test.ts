import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { domainObject, membershipObject, podObjects } from '../src/agent/testing/objects.ts';
import { MemoryAgentsWorld } from './memory-world/agents-world.ts';

describe('nodes behind NAT', () => {
  let world: MemoryAgentsWorld;
  beforeEach(() => {
    world = new MemoryAgentsWorld();
  });
  afterEach(() => world.close());

  it('are reached though nobody can send to them first, and stay reachable', async () => {
    await world.addCluster('east', 1);
    await world.addCluster('fra', 2, 'symmetric');
    await joinEverywhere();
    const [fra = ''] = world.addressesOf('fra', 'shop-app-fra-1', 'red');
    await pingUntil('east-1', 'shop-app-east-1', fra);
    for (let i = 0; i < 30; i++) {
      expect((await world.ping('east-1', 'shop-app-east-1', fra, 300)).kind).toBe('echoed');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await until(() => peerOf('fra', 'fra-1').behindNat);
    expect(peerOf('east', 'east-1').behindNat).toBe(false);
    const [other = ''] = world.addressesOf('fra', 'shop-app-fra-2', 'red');
    expect((await pingUntil('fra-1', 'shop-app-fra-1', other)).kind).toBe('echoed');
  }, 30_000);

  it('behind two NATs talk through the relay that one of them declares', async () => {
    await world.addCluster('east', 1);
    await world.addCluster('fra', 1, 'symmetric');
    await world.addCluster('par', 1, 'symmetric');
    for (const [cluster, node] of [
      ['fra', 'fra-1'],
      ['par', 'par-1'],
    ] as const)
      annotate(cluster, node, {
        'flatland.dev/behind-nat': 'true',
        ...(cluster === 'fra' && { 'flatland.dev/via': 'east/east-1' }),
      });
    await joinEverywhere();
    const [par = ''] = world.addressesOf('par', 'shop-app-par-1', 'red');
    expect((await pingUntil('fra-1', 'shop-app-fra-1', par, 25_000)).kind).toBe('echoed');
    const report = await world.report('fra-1');
    const path = report.domains[0]?.peers.find((peer) => peer.node === 'par-1');
    expect(path).toMatchObject({ path: 'relay', relay: 'east/east-1', up: true });
  }, 40_000);

  async function joinEverywhere(): Promise<void> {
    const clusters = Object.fromEntries(
      [...world.apis.keys()].map((cluster, i) => [cluster, [`10.81.${i * 16}.0/20`]]),
    );
    world.putEverywhere(domainObject('red', { prefixes: ['10.81.0.0/16'], clusters }));
    for (const { cluster, name } of world.nodes) {
      await world.addPods(cluster, podObjects('shop', `app-${name}`, name).map(renamed(name)));
      world.api(cluster).put(membershipObject('shop', 'red', `app-${name}`));
    }
    await until(() =>
      world.nodes.every(
        ({ cluster, name }) => world.addressesOf(cluster, `shop-app-${name}`, 'red').length > 0,
      ),
    );
  }

  function peerOf(cluster: string, node: string): { behindNat: boolean; candidates: { source: string }[] } {
    const peer = world.api(cluster).get('NodePeer', `red.${node}`);
    return peer?.['spec'] as ReturnType<typeof peerOf>;
  }

  function annotate(cluster: string, node: string, annotations: Record<string, string>): void {
    const object = world.api(cluster).get('Node', node) as KubernetesObject;
    world.api(cluster).put({ ...object, metadata: { ...object.metadata, annotations } });
  }

  async function pingUntil(node: string, uid: string, to: string, withinMs = 10_000) {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const outcome = await world.ping(node, uid, to, 250);
      if (outcome.kind === 'echoed' || performance.now() > deadline) return outcome;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
});

/** Gives the one pod of a workload the uid `shop-app-<node>`. */
function renamed(node: string): (object: KubernetesObject) => KubernetesObject {
  return (object) =>
    object.kind === 'Pod' ? { ...object, metadata: { ...object.metadata, uid: `shop-app-${node}` } } : object;
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 1000; i++) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not come to pass');
}
