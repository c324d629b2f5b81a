import fc from 'fast-check';
import { expect, test } from 'vitest';
import { together } from './together.ts';

const nowMs = fc.integer({ min: 0, max: 2 ** 45 });
const periodMs = fc.integer({ min: 1, max: 60_000 });

test('comes after now, and at most a quarter of a second before the whole period', () => {
  fc.assert(
    fc.property(nowMs, periodMs, (now, period) => {
      const nextMs = together(now, period);
      expect(nextMs).toBeGreaterThan(now);
      expect(nextMs).toBeLessThanOrEqual(now + period);
      expect(nextMs).toBeGreaterThan(now + period - 250);
    }),
  );
});

test('what is due in the same quarter of a second is done at the same moment, period for period', () => {
  const [a, b] = [together(10_010, 1000), together(10_240, 1000)];
  expect(a).toBe(b);
  // A timer fires a little late, and does not move the moments.
  expect(together(a + 7, 1000)).toBe(a + 1000);
});
