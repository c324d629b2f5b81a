import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes } from './bytes.ts';
import { greater, tai64n, TimestampSource } from './tai64n.ts';

describe('tai64n', () => {
  it('writes the seconds after 2^62 + 10 and the nanoseconds, big-endian', () => {
    expect(tai64n(0).toHex()).toBe('400000000000000a00000000');
    expect(tai64n(1_000).toHex()).toBe('400000000000000b00000000');
    expect(tai64n(500).toHex()).toBe(
      `400000000000000a${(500_000_000 - (500_000_000 % 2 ** 24)).toString(16).padStart(8, '0')}`,
    );
  });

  it('hides the clock below about 17 ms', () => {
    expect(tai64n(1_000.001)).toEqual(tai64n(1_000));
    expect(tai64n(1_017)).not.toEqual(tai64n(1_000));
  });

  it('only grows, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 4e12, noNaN: true }), { minLength: 2 }), (times) => {
        const source = new TimestampSource();
        const stamps = times.map((nowMs) => source.next(nowMs));
        for (const [i, stamp] of stamps.slice(1).entries()) {
          expect(greater(stamp, stamps[i]!)).toBe(true);
          expect(compareBytes(stamp, stamps[i]!)).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('stays above its floor', () => {
    const floor = tai64n(2_000_000);
    expect(greater(new TimestampSource(floor).next(1_000), floor)).toBe(true);
  });
});
