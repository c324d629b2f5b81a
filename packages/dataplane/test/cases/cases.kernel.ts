import { afterAll, describe, expect, it, vi } from 'vitest';
import { KernelFleet } from '../machine/kernel-fleet.ts';
import { churnSuite } from './churn-suite.ts';
import { faultsSuite } from './faults-suite.ts';
import { isolationSuite } from './isolation-suite.ts';
import { KernelCasesWorld } from './kernel-cases-world.ts';
import { reachabilitySuite } from './reachability-suite.ts';
import { MEMBERS, Setting } from './setting.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 180_000 });

const fleet = new KernelFleet();
afterAll(() => fleet.close());

const makeWorld = async () => new KernelCasesWorld(fleet);

describe('cases in the kernel', () => {
  reachabilitySuite(makeWorld);
  isolationSuite(makeWorld);
  faultsSuite(makeWorld);
  churnSuite(makeWorld);

  it('TTL: one hop to a member of the same node, two to any other, wherever it is', async () => {
    const world = await makeWorld();
    try {
      const setting = await Setting.make(world);
      const { node, uid } = MEMBERS.frontend;
      for (const [to, hopLimit] of [
        [MEMBERS.beside, 63],
        [MEMBERS.cart, 62],
        [MEMBERS.catalog, 62],
      ] as const)
        for (const family of [4, 6] as const) {
          const ping = ['ping', '-c', '3', '-i', '0.2', '-n', setting.addressOf(to, family)];
          const text = await world.run(node, `pod-${uid}`, ping);
          expect([...text.matchAll(/ttl=(\d+)/g)].map(([, ttl]) => Number(ttl))).toEqual(
            Array<number>(3).fill(hopLimit),
          );
        }
    } finally {
      await world.close();
    }
  });
});
