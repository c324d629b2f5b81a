import fc from 'fast-check';
import { expect, it } from 'vitest';
import { paddedLength } from './padding.ts';

it.each([
  { lengthBytes: 0, mtuBytes: 1_420, padded: 0 },
  { lengthBytes: 1, mtuBytes: 1_420, padded: 16 },
  { lengthBytes: 16, mtuBytes: 1_420, padded: 16 },
  { lengthBytes: 84, mtuBytes: 1_420, padded: 96 },
  { lengthBytes: 1_409, mtuBytes: 1_420, padded: 1_420 },
  { lengthBytes: 1_420, mtuBytes: 1_420, padded: 1_420 },
  { lengthBytes: 1_421, mtuBytes: 1_420, padded: 1_436 },
  { lengthBytes: 2_840, mtuBytes: 1_420, padded: 2_840 },
])('pads $lengthBytes bytes to $padded under an MTU of $mtuBytes', ({ lengthBytes, mtuBytes, padded }) => {
  expect(paddedLength(lengthBytes, mtuBytes)).toBe(padded);
});

it('adds less than 16 bytes, and passes the MTU only where the packet does', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 65_535 }),
      fc.integer({ min: 68, max: 65_535 }),
      (lengthBytes, mtuBytes) => {
        const padded = paddedLength(lengthBytes, mtuBytes);
        expect(padded - lengthBytes).toBeGreaterThanOrEqual(0);
        expect(padded - lengthBytes).toBeLessThan(16);
        if (lengthBytes <= mtuBytes) expect(padded).toBeLessThanOrEqual(mtuBytes);
      },
    ),
  );
});
