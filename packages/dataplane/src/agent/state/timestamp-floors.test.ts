import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DomainName } from '@flatland/shared/model/names';
import { TimestampSource } from '../../core/noise/tai64n.ts';
import { MemoryFiles } from '../../io/memory/memory-files.ts';
import { TimestampFloors } from './timestamp-floors.ts';

const RED = 'red' as DomainName;
const MINUTE_MS = 60_000;
/** How often the agent looks. */
const LOOK_MS = 2 * MINUTE_MS;

it('a key that was never used, or another one, begins anywhere', async () => {
  const files = new MemoryFiles();
  expect(await new TimestampFloors(files).take(RED, 'one', 0)).toBeUndefined();
  expect(await new TimestampFloors(files).take(RED, 'another', 0)).toBeUndefined();
  expect(await new TimestampFloors(files).take(RED, 'one', 0)).toBeUndefined();
});

it('a domain that is gone takes its floor along', async () => {
  const files = new MemoryFiles();
  const floors = new TimestampFloors(files);
  await floors.take(RED, 'key', 0);
  await floors.remove(RED);
  expect(await floors.take(RED, 'key', 0)).toBeUndefined();
});

it('is written every five minutes, not more often', async () => {
  let nWrites = 0;
  const files = new MemoryFiles();
  const write = files.write.bind(files);
  files.write = (name, value) => {
    nWrites++;
    return write(name, value);
  };
  const floors = new TimestampFloors(files);
  await floors.take(RED, 'key', 0);
  const source = new TimestampSource();
  for (let minute = 0; minute < 60; minute++) {
    const newest = source.next(minute * MINUTE_MS).toHex();
    await floors.keep(RED, 'key', { nowMs: minute * MINUTE_MS, newest });
  }
  expect(nWrites).toBeLessThanOrEqual(13);
});

it('timestamps of a key only grow over restarts of device and agent, wherever the clock stands', async () => {
  const step = fc.record({
    /** The clock jumps before the restart, or runs on. */
    jumpMs: fc.oneof(fc.constant(0), fc.integer({ min: -1e10, max: 1e10 })),
    runsForMs: fc.integer({ min: 0, max: 30 * MINUTE_MS }),
    nInitiations: fc.nat(20),
    agentToo: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const files = new MemoryFiles();
      let floors = new TimestampFloors(files);
      let nowMs = 1e12;
      let newest = '';
      for (const { jumpMs, runsForMs, nInitiations, agentToo } of steps) {
        nowMs = Math.max(0, nowMs + jumpMs);
        if (agentToo) floors = new TimestampFloors(files);
        const floor = await floors.take(RED, 'key', nowMs);
        const source = new TimestampSource(floor === undefined ? undefined : Uint8Array.fromHex(floor));
        const endMs = nowMs + runsForMs;
        let lookedMs = nowMs;
        for (let n = 0; n < nInitiations; n++) {
          nowMs += runsForMs / nInitiations;
          for (; lookedMs + LOOK_MS < nowMs; lookedMs += LOOK_MS)
            await floors.keep(RED, 'key', { nowMs: lookedMs + LOOK_MS, newest: newest || undefined });
          const stamp = source.next(nowMs).toHex();
          expect(stamp > newest).toBe(true);
          newest = stamp;
        }
        nowMs = endMs;
      }
    }),
    { numRuns: 500 },
  );
});
