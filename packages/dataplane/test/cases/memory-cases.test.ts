import { describe, expect, it, vi } from 'vitest';
import { podObjects } from '../../src/agent/testing/objects.ts';
import { churnSuite } from './churn-suite.ts';
import { faultsSuite } from './faults-suite.ts';
import { isolationSuite } from './isolation-suite.ts';
import { MemoryCasesWorld } from './memory-cases-world.ts';
import { reachabilitySuite } from './reachability-suite.ts';
import { MEMBERS, Setting } from './setting.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const makeWorld = async () => new MemoryCasesWorld();
/** How long an address rests after its member left. */
const REST_MS = 600_000;

describe('cases in memory', () => {
  reachabilitySuite(makeWorld);
  isolationSuite(makeWorld);
  faultsSuite(makeWorld);
  churnSuite(makeWorld);

  it('member leaves and its IP is reused by another, who is reached under it', async () => {
    const world = new MemoryCasesWorld();
    try {
      const setting = await Setting.make(world);
      const address = setting.addressOf(MEMBERS.cart);
      await world.removePod('east', 'cart-7d9f-0');
      await setting.until(async () => setting.addressOf(MEMBERS.cart) === '');
      await world.pass(REST_MS);
      // As many as there were addresses beside it: the last one gets what was left.
      const newcomers = podObjects('shop', 'cart', 'east-2', { first: 1, count: 15 });
      await world.addPods('east', newcomers);
      const uids = Array.from({ length: 15 }, (_, n) => `shop-cart-${n + 1}`);
      const heir = () => uids.find((uid) => world.addressesOf('east', uid, 'red')[0] === address);
      await setting.until(async () => heir() !== undefined);
      await setting.until(async () => (await setting.ping(MEMBERS.catalog, address)) === 'echoed');
      expect(heir()).not.toBe(MEMBERS.cart.uid);
    } finally {
      await world.close();
    }
  });
});
