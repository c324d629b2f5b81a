/** Transport packets that come again, late, or in another order. */
import { describe, expect, it, vi } from 'vitest';
import { scaled, SCALED_TIMEOUT_MS } from '../support/scale.ts';
import { shuffled } from '../support/shuffled.ts';
import { numberedPacket, numberOf, udpPacket } from './packets.ts';
import { inject, World } from './world.ts';

vi.setConfig({ testTimeout: SCALED_TIMEOUT_MS });

const WINDOW = 8_128;

describe('D-02: transport packets', () => {
  it('of a transfer that all come again, shuffled, are not delivered again', async () => {
    const { world, a, b } = await established();
    const nPackets = scaled(3_000, 100_000);
    world.network.setConditions({ jitterMs: 50 });
    for (let i = 0; i < nPackets; i++) {
      a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2', i % 100));
      if (i % 10 === 0) world.clock.advance(1);
    }
    world.clock.advance(1_000);
    const before = b.received.length;
    expect(before).toBe(nPackets + 1);
    const transport = world
      .takeSniffed()
      .filter(({ kind, to }) => kind === 'transport' && to.address === '198.51.100.2');
    for (const datagram of shuffled(transport, world.random.number)) inject(b, datagram.from, datagram.bytes);
    expect(b.received).toHaveLength(before);
    expect(b.loop.report().drops.replayed).toBe(transport.length);
  });

  it('that come within the window in any order, each several times, are delivered once, and those behind it never', async () => {
    const { world, a, b } = await established();
    const random = world.random.number;
    const nPackets = scaled(30_000, 100_000);
    world.network.setPartition(a.host, b.host, true);
    for (let n = 0; n < nPackets; n++) a.tun.inject(numberedPacket('10.0.0.1', '10.0.0.2', n));
    const sent = world.takeSniffed().map(({ bytes }) => bytes);
    const late = new Set(sent.filter((_, n) => n % 1_000 === 0 && n + 2 * WINDOW < nPackets));
    b.received.length = 0;
    for (let first = 0; first < nPackets; first += WINDOW) {
      const fresh = sent.slice(first, first + WINDOW).filter((datagram) => !late.has(datagram));
      const old = sent.slice(Math.max(0, first - WINDOW), first).filter((datagram) => !late.has(datagram));
      for (const datagram of shuffled([...fresh, ...fresh, ...old], random)) inject(b, a.endpoint, datagram);
    }
    for (const datagram of late) inject(b, a.endpoint, datagram);
    const arrived = b.received.map(numberOf);
    expect(late.size).toBeGreaterThan(10);
    expect(new Set(arrived).size).toBe(arrived.length);
    expect(arrived).toHaveLength(nPackets - late.size);
    expect(b.loop.report().drops.replayed).toBeGreaterThan(nPackets);
  });
});

async function established() {
  const world = new World();
  const { a, b } = await world.pair();
  a.tun.inject(udpPacket('10.0.0.1', '10.0.0.2'));
  world.clock.advance(100);
  world.takeSniffed();
  return { world, a, b };
}
