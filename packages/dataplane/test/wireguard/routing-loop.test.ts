/** Datagrams of a device that come back to it through its own interface. */
import type { IpAddress } from '@flatland/shared/address/ip';
import { describe, expect, it } from 'vitest';
import { ipPacketBytes } from '../../src/core/wire/ip.ts';
import { PROTOCOL_UDP } from '../../src/core/wire/protocol-numbers.ts';
import { udpBytes } from '../../src/core/wire/udp.ts';
import { udpPacket } from './packets.ts';
import { allowedIp, PORT, World } from './world.ts';

const PEER = '10.0.0.2';
const PEER_PORT = 777;

describe('a device whose peer’s endpoint lies within the tunnel', () => {
  it('drops its own datagrams to that endpoint, and no others', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    await a.loop.configure({
      peers: [
        { publicKey: b.publicKey, endpoint: { address: PEER as IpAddress, zone: '', port: PEER_PORT } },
      ],
    });
    const before = sent();
    a.tun.inject(datagram(PORT, PEER_PORT));
    expect([dropsOf('routing-loop'), sent() - before]).toEqual([1, 0]);
    for (const [source, destination] of [
      [PORT, PEER_PORT + 1],
      [PORT + 1, PEER_PORT],
    ] as const)
      a.tun.inject(datagram(source, destination));
    a.tun.inject(udpPacket('10.0.0.1', PEER));
    const later = datagram(PORT, PEER_PORT);
    later[7] = 1; // Not the first piece: there is no UDP header to look at.
    a.tun.inject(later);
    expect(dropsOf('routing-loop')).toBe(1);

    function sent(): number {
      return a.loop.report().peers[0]!.counters.txBytes;
    }
    function dropsOf(reason: 'routing-loop'): number {
      return a.loop.report().peers[0]!.drops[reason] ?? 0;
    }
  });

  it('tells the first piece of a datagram over IPv6, too', async () => {
    const world = new World();
    const { a, b } = await world.pair();
    await a.loop.configure({
      peers: [
        {
          publicKey: b.publicKey,
          endpoint: { address: 'fd00::2' as IpAddress, zone: '', port: PEER_PORT },
          allowedIps: [allowedIp('::/0')],
        },
      ],
    });
    const whole = datagram(PORT, PEER_PORT, 'fd00::1', 'fd00::2');
    const piece = (offset: number) => {
      const header = Uint8Array.from([PROTOCOL_UDP, 0, offset >> 8, offset & 255, 0, 0, 0, 1]);
      const bytes = Uint8Array.from([...whole.subarray(0, 40), ...header, ...whole.subarray(40)]);
      bytes[6] = 44;
      new DataView(bytes.buffer).setUint16(4, bytes.length - 40);
      return bytes;
    };
    for (const packet of [whole.slice(), piece(1), piece(8)]) a.tun.inject(packet);
    expect(a.loop.report().peers[0]!.drops['routing-loop']).toBe(2);
  });
});

function datagram(
  sourcePort: number,
  destinationPort: number,
  source = '192.0.2.1',
  destination = PEER,
): Uint8Array {
  const ends = { source: source as IpAddress, destination: destination as IpAddress };
  const payload = new Uint8Array(148);
  return ipPacketBytes({
    ...ends,
    protocol: PROTOCOL_UDP,
    hopLimit: 64,
    payload: udpBytes({ sourcePort, destinationPort, payload }, ends),
    dontFragment: false,
    isFragment: false,
  });
}
