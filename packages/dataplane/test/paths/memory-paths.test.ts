import { expect, it } from 'vitest';
import { MemoryTruthWorld } from '../truth/memory-truth-world.ts';
import { cutOff, isUp, twoMembers } from './dead-path.ts';
import { pathsSuite } from './paths-suite.ts';

pathsSuite(async () => new MemoryTruthWorld());

// By the world's own clock. A session lives three minutes; after that WireGuard asks for a new one every five seconds.
it.each([
  { seconds: 4, healedWithinMs: 1000 },
  { seconds: 60, healedWithinMs: 1000 },
  { seconds: 170, healedWithinMs: 1000 },
  { seconds: 600, healedWithinMs: 6000 },
])(
  'a path that is dead for $seconds s is called down within 3 s, and carries packets $healedWithinMs ms after it is back',
  async ({ seconds, healedWithinMs }) => {
    const world = new MemoryTruthWorld();
    try {
      await twoMembers(world);
      for (let i = 0; i < 10; i++) {
        // Probes and cuts fall together in another way each time.
        await world.pass(5000 + i * 110);
        const nowMs = () => world.nowMs();
        const { noticedMs, healedMs } = await cutOff(world, { forMs: seconds * 1000, stepMs: 50, nowMs });
        expect(noticedMs).toBeLessThan(3000);
        expect(healedMs).toBeLessThan(healedWithinMs);
      }
    } finally {
      await world.close();
    }
  },
);

it.each([600, 1_600])(
  'a path whose round trip takes %i ms is called up, and stays so',
  async (roundTripMs) => {
    const world = new MemoryTruthWorld();
    try {
      await twoMembers(world);
      await world.setLatency('east-1', 'east-2', roundTripMs / 2);
      await world.pass(15_000);
      for (let i = 0; i < 60; i++) {
        await world.pass(500);
        expect(await isUp(world)).toBe(true);
      }
    } finally {
      await world.close();
    }
  },
);
