import { describe, expect, it } from 'vitest';
import { udpPacket } from './packets.ts';
import { World } from './world.ts';

describe('a tunnel between two devices', () => {
  it('carries a packet from its first byte to its last after one handshake', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    const packet = udpPacket('10.0.0.1', '10.0.0.2', 100);
    a.tun.inject(packet.slice());
    world.clock.advance(1_000);
    expect(b.received).toEqual([packet]);
    expect(world.takeSniffed().map(({ kind }) => kind)).toEqual(['initiation', 'response', 'transport']);
  });
});
