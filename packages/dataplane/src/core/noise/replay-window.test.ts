import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { REJECT_AFTER_MESSAGES, REPLAY_WINDOW } from './constants.ts';
import { ReplayWindow } from './replay-window.ts';

const W = REPLAY_WINDOW;
const LIMIT = REJECT_AFTER_MESSAGES;

/** The kernel's numbered cases (`selftest/counter.c`), told as [counter, accepted]. */
const kernelCases: readonly (readonly [bigint, boolean])[] = [
  [0n, true],
  [1n, true],
  [1n, false],
  [9n, true],
  [8n, true],
  [7n, true],
  [7n, false],
  [W, true],
  [W - 1n, true],
  [W - 1n, false],
  [W - 2n, true],
  [2n, true],
  [2n, false],
  [W + 16n, true],
  [3n, false],
  [W + 16n, false],
  [W * 4n, true],
  [W * 4n - (W - 1n), true],
  [10n, false],
  [W * 4n - W, true],
  [W * 4n - (W + 1n), false],
  [W * 4n - (W - 2n), true],
  [W * 4n + 1n - W, false],
  [0n, false],
  [LIMIT, false],
  [LIMIT - 1n, true],
  [LIMIT, false],
  [LIMIT - 1n, false],
  [LIMIT - 2n, true],
  [LIMIT + 1n, false],
  [LIMIT + 2n, false],
  [LIMIT - 2n, false],
  [LIMIT - 3n, true],
  [0n, false],
];

describe('ReplayWindow', () => {
  it('accepts and refuses what the kernel does, case by case', () => {
    const window = new ReplayWindow();
    for (const [index, [counter, accepted]] of kernelCases.entries())
      expect(window.accept(counter, LIMIT), `case ${index}: ${counter}`).toBe(accepted);
  });

  it('accepts a whole window that arrives backwards, once', () => {
    const window = new ReplayWindow();
    for (let counter = W; counter >= 0n; counter--) expect(window.accept(counter, LIMIT)).toBe(true);
    for (let counter = W; counter >= 0n; counter--) expect(window.accept(counter, LIMIT)).toBe(false);
  });

  it('refuses everything older after a jump of more than the ring', () => {
    const window = new ReplayWindow();
    for (let counter = 0n; counter < 100n; counter++) window.accept(counter, LIMIT);
    expect(window.accept(2n ** 63n, LIMIT)).toBe(true);
    expect(window.accept(2n ** 63n - W, LIMIT)).toBe(true);
    expect(window.accept(2n ** 63n - W - 1n, LIMIT)).toBe(false);
    expect(window.accept(5n, LIMIT)).toBe(false);
  });

  it('agrees with a set of all counters ever seen', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.bigInt(-40n, 40n) },
      { weight: 3, arbitrary: fc.bigInt(-W - 70n, W + 70n) },
      { weight: 1, arbitrary: fc.bigInt(0n, 2n ** 40n) },
    );
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 62n), fc.array(step, { maxLength: 200 }), (start, steps) => {
        const window = new ReplayWindow();
        const seen = new Set<bigint>();
        let greatest = 0n;
        let counter = start;
        for (const delta of steps) {
          counter = counter + delta < 0n ? 0n : counter + delta;
          const expected = !seen.has(counter) && greatest - counter <= W && counter < LIMIT;
          expect(window.accept(counter, LIMIT)).toBe(expected);
          if (expected) seen.add(counter);
          if (expected && counter > greatest) greatest = counter;
        }
      }),
      { numRuns: 300 },
    );
  });
});
