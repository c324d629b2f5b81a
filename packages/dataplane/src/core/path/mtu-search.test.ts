import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MtuSearch } from './mtu-search.ts';

const FLOOR_BYTES = 576;
const CONFIRM_MS = 3000;
const RTT_MS = 20;
const TIMEOUT_MS = 450;

/** A way that carries packets up to a length, and loses some of the others by chance. */
class Way {
  readonly search: MtuSearch;
  nowMs = 0;
  mtuBytes: number;
  isDown = false;
  /** Whether the next probe is lost whatever its length. */
  loses: () => boolean = () => false;
  readonly sent: number[] = [];
  #underWay: { atMs: number; attempt: number; passed: boolean } | undefined;

  constructor(mtuBytes: number, limitBytes: number, floorBytes = FLOOR_BYTES) {
    this.mtuBytes = mtuBytes;
    this.search = new MtuSearch(limitBytes, { floorBytes, confirmMs: CONFIRM_MS });
    this.search.start(0);
    this.#drain();
  }

  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    for (;;) {
      const next = Math.min(this.search.pollTimeout() ?? Infinity, this.#underWay?.atMs ?? Infinity);
      if (next > endMs) break;
      this.nowMs = next;
      const result = this.#underWay;
      if (result !== undefined && result.atMs <= next) {
        this.#underWay = undefined;
        this.search.handleProbeResult(result, next);
      }
      this.search.handleTimeout(next);
      this.#drain();
    }
    this.nowMs = endMs;
  }

  #drain(): void {
    const probe = this.search.pollProbe();
    if (probe === undefined) return;
    this.sent.push(probe.sizeBytes);
    const passed = !this.isDown && probe.sizeBytes <= this.mtuBytes && !this.loses();
    const atMs = this.nowMs + (passed ? RTT_MS : TIMEOUT_MS);
    this.#underWay = { atMs, attempt: probe.attempt, passed };
  }
}

describe('MtuSearch', () => {
  it('confirms the promised length at once, and then from time to time', () => {
    const way = new Way(1420, 1420);
    way.advance(13_000);
    expect(way.search.mtuBytes()).toBe(1420);
    expect(way.sent).toEqual([1420, 1420, 1420, 1420, 1420]);
  });

  it('finds within ten seconds what passes where a way swallows long packets', () => {
    const way = new Way(1420, 1420);
    way.advance(5000);
    way.mtuBytes = 1337;
    way.advance(10_000);
    expect(way.search.mtuBytes()).toBe(1328);
  });

  it('finds the longest multiple of the padding that passes, whatever the way', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: FLOOR_BYTES, max: 9000 }),
        fc.integer({ min: FLOOR_BYTES, max: 9000 }),
        (mtuBytes, limitBytes) => {
          const way = new Way(mtuBytes, limitBytes);
          way.advance(30_000);
          const found = mtuBytes >= limitBytes ? limitBytes : mtuBytes - (mtuBytes % 16);
          expect(way.search.mtuBytes()).toBe(found);
        },
      ),
    );
  });

  it('tries longer packets again after a minute, and then ever more rarely', () => {
    const way = new Way(1300, 1420);
    way.advance(30_000);
    expect(way.search.mtuBytes()).toBe(1296);
    way.sent.length = 0;
    way.advance(3_600_000);
    const tries = way.sent.filter((sizeBytes) => sizeBytes === 1420).length / 3;
    expect(tries).toBeGreaterThanOrEqual(6);
    expect(tries).toBeLessThanOrEqual(10);
    way.mtuBytes = 1420;
    way.advance(605_000);
    expect(way.search.mtuBytes()).toBe(1420);
  });

  it('takes a way that carries nothing for no matter of length', () => {
    const way = new Way(1420, 1420);
    way.advance(5000);
    way.isDown = true;
    way.advance(60_000);
    expect(way.search.mtuBytes()).toBe(1420);
  });

  it('seldom takes loss for a narrow way, and comes back soon where it did', () => {
    let state = 12_345;
    const way = new Way(1420, 1420);
    way.loses = () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31 < 0.2;
    let nShort = 0;
    for (let second = 0; second < 3600; second++) {
      way.advance(1000);
      if (way.search.mtuBytes() < 1420) nShort++;
    }
    expect(nShort / 3600).toBeLessThan(0.1);
    way.loses = () => false;
    way.advance(605_000);
    expect(way.search.mtuBytes()).toBe(1420);
  });

  it('begins anew on another way and with another promise, and ignores what older probes have to say', () => {
    const way = new Way(1300, 1420);
    way.advance(30_000);
    way.search.stop();
    expect(way.search.pollTimeout()).toBeUndefined();
    expect(way.search.mtuBytes()).toBe(1296);
    way.search.start(way.nowMs);
    expect(way.search.mtuBytes()).toBe(1420);
    const probe = way.search.pollProbe()!;
    way.search.setLimit(1380, way.nowMs);
    way.search.handleProbeResult({ attempt: probe.attempt, passed: true }, way.nowMs);
    expect(way.search.mtuBytes()).toBe(1380);
    expect(way.search.pollProbe()).toMatchObject({ sizeBytes: 1380 });
  });

  it('has nothing to lower where the promise is the floor', () => {
    const way = new Way(1000, 1280, 1280);
    way.advance(60_000);
    expect(way.search.mtuBytes()).toBe(1280);
    expect(new Set(way.sent)).toEqual(new Set([1280]));
  });
});
