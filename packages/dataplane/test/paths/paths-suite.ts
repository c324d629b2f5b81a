import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { joinRed } from '../truth/join-red.ts';
import type { TruthWorld } from '../truth/truth-world.ts';

const STEP_MS = 200;
/** Longest packet inside an underlay of 1400: the overhead of IPv4 is 60, and packets are padded to 16. */
const NARROW = { underlayBytes: 1400, insideBytes: 1328 };

/** What agents do about ways that change, whoever carries the packets. */
export function pathsSuite(makeWorld: () => Promise<TruthWorld>): void {
  describe('a way between two nodes', () => {
    let world: TruthWorld;
    beforeEach(async () => {
      world = await makeWorld();
      await world.during(world.addCluster('east', 3));
      await joinRed(world, ['frontend', 'cart', 'api']);
      await until(async () => (await ping('shop-cart-0')) === 'echoed', 15_000);
      await until(async () => (await peer('east-2'))?.up === true, 15_000);
    });
    afterEach(() => world.close());

    it('that swallows long packets is found out within seconds, and senders are told', async () => {
      expect(await ping('shop-cart-0', 1420)).toBe('echoed');
      await world.setNarrow('east-1', 'east-2', NARROW.underlayBytes);
      expect(await ping('shop-cart-0', 1420)).toBe('timeout');
      await until(async () => (await peer('east-2'))?.mtuBytes !== 1420, 15_000);
      expect((await peer('east-2'))?.mtuBytes).toBe(NARROW.insideBytes);
      expect(await ping('shop-cart-0', 1420)).toBe('unreachable');
      expect(await ping('shop-cart-0', NARROW.insideBytes)).toBe('echoed');
      expect(await ping('shop-cart-0', NARROW.insideBytes + 1)).toBe('unreachable');
      expect(await ping('shop-api-0', 1420)).toBe('echoed');
    });

    it('that dies is called down, and up again soon after it is back', async () => {
      await world.setPartition('east-1', 'east-2', true);
      await until(async () => (await peer('east-2'))?.up === false, 10_000);
      await world.pass(3000);
      await world.setPartition('east-1', 'east-2', false);
      await until(async () => (await peer('east-2'))?.up === true, 15_000);
      expect(await ping('shop-cart-0', 1420)).toBe('echoed');
    });

    async function ping(to: string, packetBytes?: number): Promise<string> {
      const [address = ''] = world.addressesOf('east', to, 'red');
      if (address === '') return 'no-address';
      return (await world.during(world.ping('east-1', 'shop-frontend-0', address, 400, packetBytes))).kind;
    }

    async function peer(node: string) {
      const report = await world.during(world.report('east-1'));
      return report.domains[0]?.peers.find((one) => one.node === node);
    }

    async function until(condition: () => Promise<boolean>, withinMs: number): Promise<void> {
      for (let passedMs = 0; passedMs < withinMs; passedMs += STEP_MS) {
        if (await condition()) return;
        await world.pass(STEP_MS);
      }
      throw new Error('it did not come to pass');
    }
  });
}
