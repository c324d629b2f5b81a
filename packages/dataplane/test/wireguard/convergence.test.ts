/** Two peers always end with sessions that both can use, however their handshakes meet. */
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { parseMessageTransport } from '../../src/core/noise/messages.ts';
import { scaled, SCALED_TIMEOUT_MS } from '../support/scale.ts';
import { udpPacket } from './packets.ts';
import { countersOf, inject, World, type Sniffed, type Station } from './world.ts';

vi.setConfig({ testTimeout: SCALED_TIMEOUT_MS });

describe('simultaneous initiations', () => {
  it('complete at once, in both directions', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    world.network.setConditions({ latencyMs: 20 });
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    b.tun.inject(udpPacket('10.0.0.2', '10.0.0.1'));
    world.clock.advance(100);
    expect([a.received.length, b.received.length]).toEqual([1, 1]);
    expect(await talks(world, a, b)).toBe(true);
  });

  it('converge at any distance in time, latency and order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1_000),
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 0, max: 200 }),
        fc.integer({ min: 0, max: 300 }),
        async (seed, gapMs, latencyMs, jitterMs) => {
          const world = new World(seed);
          const { a, b } = await world.pair();
          world.network.setConditions({ latencyMs, jitterMs });
          a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
          world.clock.advance(gapMs);
          b.tun.inject(udpPacket('10.0.0.2', '10.0.0.1'));
          world.clock.advance(12_000);
          expect([a.received.length, b.received.length]).toEqual([1, 1]);
          expect(await talks(world, a, b)).toBe(true);
        },
      ),
      { numRuns: scaled(60, 5_000) },
    );
  });

  it('converge through loss', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(10_000), fc.double({ min: 0, max: 0.5, noNaN: true }), async (seed, loss) => {
        const world = new World(seed);
        const { a, b } = await world.pair();
        world.network.setConditions({ latencyMs: 10, loss, duplicate: 0.2 });
        a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
        b.tun.inject(udpPacket('10.0.0.2', '10.0.0.1'));
        world.clock.advance(80_000);
        world.network.setConditions({ loss: 0 });
        expect(await talks(world, a, b)).toBe(true);
      }),
      { numRuns: scaled(40, 5_000) },
    );
  });
});

describe('D-03: handshake messages that are repeated', () => {
  it('make one session of an initiation that arrives twice', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    world.network.setConditions({ duplicate: 1 });
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    world.clock.advance(100);
    expect(countersOf(b, a).responsesSent).toBe(1);
    expect(countersOf(a, b).responsesReceived).toBe(1);
    expect(a.loop.report().drops['unknown-index']).toBeGreaterThan(0);
    expect(b.received).toHaveLength(1);
  });

  it('CVE-2026-99059: a response that is repeated around a new initiation makes no second session, in any interleaving', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1_000_000),
        fc.array(
          fc.record({
            message: fc.nat(),
            to: fc.constantFrom('a' as const, 'b' as const),
            waitMs: fc.nat(3_000),
          }),
          {
            minLength: 5,
            maxLength: 60,
          },
        ),
        async (seed, steps) => {
          const world = new World(seed);
          const { a, b } = await world.pair();
          a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
          world.clock.advance(100);
          const before = countersOf(a, b).responsesReceived;
          let nNewInitiations = 0;
          for (const { message, to, waitMs } of steps) {
            const handshakes = world.sniffed.filter(({ kind }) => kind !== 'transport');
            replay(to === 'a' ? a : b, handshakes[message % handshakes.length]!);
            // A key change makes the next packet begin a new handshake, as 120 s would.
            if (message % 5 === 0) {
              world.clock.advance(121_000);
              a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
              nNewInitiations++;
            }
            world.clock.advance(waitMs);
          }
          const completed = countersOf(a, b).responsesReceived - before;
          const answered = countersOf(b, a).responsesSent;
          expect(completed).toBeLessThanOrEqual(answered);
          expect(completed).toBeLessThanOrEqual(nNewInitiations + countersOf(a, b).initiationsSent);
          expect(countersOf(b, a).initiationsReceived).toBeLessThanOrEqual(countersOf(a, b).initiationsSent);
          expect(await talks(world, a, b)).toBe(true);
          expect(sessionsInUse(world, a, b)).toBe(1);
        },
      ),
      { numRuns: scaled(40, 100_000) },
    );
  });

  it('CVE-2026-99059: the response to an older initiation is not taken for one to the newer', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    world.network.setPath(b.host, a.host, { latencyMs: 6_000 });
    a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
    world.clock.advance(1);
    // The second initiation goes out after 5 s: its response arrives after the first one's.
    world.network.setPath(b.host, a.host, { latencyMs: 1_000 });
    world.clock.advance(6_000);
    expect(countersOf(a, b)).toMatchObject({ initiationsSent: 2, responsesReceived: 0 });
    world.clock.advance(1_000);
    expect(a.loop.report().drops['unknown-index']).toBe(1);
    expect(countersOf(a, b).responsesReceived).toBe(1);
    expect(await talks(world, a, b)).toBe(true);
  });
});

/** Whether packets pass in both directions, at the latest when handshakes under way are done. */
async function talks(world: World, a: Station, b: Station): Promise<boolean> {
  world.network.setConditions({ latencyMs: 5, jitterMs: 0, loss: 0, duplicate: 0 });
  for (let i = 0; i < 12; i++) {
    a.tun.inject(udpPacket(a.inner, b.inner, 33));
    b.tun.inject(udpPacket(b.inner, a.inner, 33));
    world.clock.advance(1_000);
  }
  return [[a, b] as const, [b, a] as const].every(([from, to]) => {
    to.received.length = 0;
    from.tun.inject(udpPacket(from.inner, to.inner, 34));
    world.clock.advance(2_000);
    return to.received.length === 1;
  });
}

/** Sessions with which a packet each way is sent, a response to an older one included. */
function sessionsInUse(world: World, a: Station, b: Station): number {
  world.takeSniffed();
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    from.tun.inject(udpPacket(from.inner, to.inner, 35), udpPacket(from.inner, to.inner, 36));
    world.clock.advance(1);
  }
  const receivers = world.takeSniffed().map(({ kind, from, bytes }) => {
    expect(kind).toBe('transport');
    return `${from.address} ${parseMessageTransport(bytes)!.receiver}`;
  });
  expect(receivers).toHaveLength(4);
  return new Set(receivers).size / 2;
}

function replay(station: Station, datagram: Sniffed): void {
  inject(station, datagram.from, datagram.bytes);
}
