import { describe, expect, it } from 'vitest';
import { LoadMeter } from './load-meter.ts';

describe('LoadMeter', () => {
  it('sees no load in what the device answers in time', () => {
    const meter = new LoadMeter();
    for (let i = 0; i < 10_000; i++) expect(meter.arrive(i * 4)).toBe(false);
  });

  it('sees load when 128 handshakes wait, and for a second after', () => {
    const meter = new LoadMeter();
    const loaded = Array.from({ length: 128 }, () => meter.arrive(0));
    expect(loaded.indexOf(true)).toBe(127);
    expect(meter.arrive(900)).toBe(true);
    expect(meter.arrive(2_000)).toBe(false);
  });
});
