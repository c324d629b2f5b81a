import { afterEach, describe, expect, it } from 'vitest';
import { NODE_ANNOTATIONS } from '../src/agent/compile/local-facts.ts';
import { joinRed } from './truth/join-red.ts';
import { MemoryTruthWorld } from './truth/memory-truth-world.ts';

/** A packet in this many milliseconds. */
const EVERY_MS = 500;

describe('two nodes that talk through a relay', () => {
  let world: MemoryTruthWorld;
  afterEach(() => world.close());

  // The two ends look for something better at moments that have nothing to do with each other.
  it.each([0, 4000, 8000, 12_000, 16_000, 20_000, 24_000, 28_000])(
    'leave it together when the direct path is back, though one looks for it %i ms after the other',
    async (laterMs) => {
      world = await relayedWorld(laterMs);
      const before = await world.during(world.report('east-1'));
      expect(before.domains[0]?.peers[0]).toMatchObject({
        node: 'east-2',
        path: 'relay',
        relay: 'east/east-3',
      });
      await world.setPartition('east-1', 'east-2', false);
      let nLost = 0;
      for (let i = 0; i < 120; i++) {
        if (!(await echoes(world))) nLost++;
        await world.pass(EVERY_MS);
      }
      const after = await world.during(world.report('east-1'));
      expect(after.domains[0]?.peers[0]).toMatchObject({ node: 'east-2', path: 'direct', up: true });
      expect(nLost * EVERY_MS).toBeLessThanOrEqual(1500);
    },
  );
});

/** Two members whose nodes reach each other through a third one only, one agent of which started later. */
async function relayedWorld(laterMs: number): Promise<MemoryTruthWorld> {
  const world = new MemoryTruthWorld();
  await world.during(world.addCluster('east', 3));
  const api = world.api('east');
  const node = api.get('Node', 'east-1');
  if (node === undefined) throw new Error('the cluster has nodes');
  const annotations = { [NODE_ANNOTATIONS.via]: 'east/east-3' };
  api.put({ ...node, metadata: { ...node.metadata, annotations } });
  await joinRed(world, ['frontend', 'cart']);
  await world.pass(8000);
  await world.setPartition('east-1', 'east-2', true);
  await world.pass(20_000 + laterMs);
  await world.during(world.restartAgent('east-2'));
  await world.pass(20_000);
  return world;
}

async function echoes(world: MemoryTruthWorld): Promise<boolean> {
  const [to = ''] = world.addressesOf('east', 'shop-cart-0', 'red');
  return (await world.during(world.ping('east-1', 'shop-frontend-0', to, 400))).kind === 'echoed';
}
