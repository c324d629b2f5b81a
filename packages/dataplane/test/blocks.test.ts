import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { domainObject } from '../src/agent/testing/objects.ts';
import { joinRed } from './truth/join-red.ts';
import { MemoryTruthWorld } from './truth/memory-truth-world.ts';

const RED = domainObject('red', { prefixes: ['10.81.0.0/16'], clusters: { east: ['10.81.0.0/20'] } });
const MINUTE_MS = 60_000;

describe('a block of addresses', () => {
  let world: MemoryTruthWorld;
  beforeEach(async () => {
    world = new MemoryTruthWorld();
    await world.during(world.addCluster('east', 3));
    await joinRed(world, ['frontend', 'cart']);
    await world.pass(5000);
  });
  afterEach(() => world.close());

  it('that the API says is another node’s is given up, with a reason, and its members get other addresses', async () => {
    const [before] = addressesOf('shop-frontend-0');
    const block = blockOf('east-1');
    world.api('east').put({ ...block, spec: { ...(block['spec'] as object), node: 'east-3' } });
    await world.pass(5000);
    const [after = ''] = addressesOf('shop-frontend-0');
    expect(after).not.toBe(before);
    expect(await consistencyOf('east-1')).toMatchObject({
      status: 'False',
      reason: 'slice-conflict',
      message: expect.stringContaining('is east-3’s by the API; east-1 gave it up'),
    });
    expect(await echoes('shop-cart-0', 'east-2', after)).toBe(true);
    expect(await consistencyOf('east-2')).toMatchObject({ status: 'True' });
    await world.pass(13 * MINUTE_MS);
    expect(await consistencyOf('east-1')).toMatchObject({ status: 'True' });
  });

  it('is claimed again where its object was deleted by hand, and nobody loses an address', async () => {
    const [before = ''] = addressesOf('shop-frontend-0');
    const { name } = blockOf('east-1').metadata;
    world.api('east').drop('AddressBlock', name);
    await world.pass(5000);
    expect(addressesOf('shop-frontend-0')).toEqual([before]);
    expect(blockOf('east-1').metadata.name).toBe(name);
    expect(await echoes('shop-cart-0', 'east-2', before)).toBe(true);
  });

  it('does not go with the Node object, so that no other node has its addresses before they rested', () => {
    expect(blockOf('east-1').metadata.ownerReferences).toBeUndefined();
    expect(world.api('east').get('NodePeer', 'red.east-1')?.metadata.ownerReferences).toMatchObject([
      { kind: 'Node', name: 'east-1' },
    ]);
  });

  it('outlives its domain by ten minutes, within which everybody gets the same address again', async () => {
    const before = [addressesOf('shop-frontend-0'), addressesOf('shop-cart-0')];
    world.api('east').drop('Domain', 'red');
    await world.pass(9 * MINUTE_MS);
    expect(await world.isClean()).toBe(true);
    world.putEverywhere(RED);
    await world.pass(5000);
    expect([addressesOf('shop-frontend-0'), addressesOf('shop-cart-0')]).toEqual(before);
    world.api('east').drop('Domain', 'red');
    await world.pass(9 * MINUTE_MS);
    expect(world.api('east').list('AddressBlock')).toHaveLength(3);
    await world.pass(3 * MINUTE_MS);
    expect(world.api('east').list('AddressBlock')).toEqual([]);
  });

  function addressesOf(podUid: string) {
    return world.addressesOf('east', podUid, 'red');
  }

  function blockOf(node: string): KubernetesObject {
    const blocks = world.api('east').list('AddressBlock');
    const found = blocks.filter((block) => (block['spec'] as { node: string }).node === node);
    expect(found).toHaveLength(1);
    return found[0] as KubernetesObject;
  }

  async function consistencyOf(node: string) {
    const { domains } = await world.during(world.report(node));
    return domains[0]?.conditions.find(({ type }) => type === 'Consistent');
  }

  async function echoes(podUid: string, node: string, to: string): Promise<boolean> {
    return (await world.during(world.ping(node, podUid, to))).kind === 'echoed';
  }
});
