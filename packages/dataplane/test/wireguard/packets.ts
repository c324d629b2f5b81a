/** Inner packets for tests. */
import type { IpAddress } from '@flatland/shared/address/ip';
import { icmpBytes } from '../../src/core/wire/icmp.ts';
import { ipPacketBytes, familyOf } from '../../src/core/wire/ip.ts';
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_UDP } from '../../src/core/wire/protocol-numbers.ts';
import { udpBytes } from '../../src/core/wire/udp.ts';

/** A UDP datagram between two inner addresses, with a payload of the given length. */
export function udpPacket(source: string, destination: string, payloadBytes = 64): Uint8Array {
  const ends = { source: source as IpAddress, destination: destination as IpAddress };
  const payload = Uint8Array.from({ length: payloadBytes }, (_, i) => i & 255);
  return ipPacketBytes({
    ...ends,
    protocol: PROTOCOL_UDP,
    hopLimit: 64,
    payload: udpBytes({ sourcePort: 4_000, destinationPort: 5_000, payload }, ends),
    dontFragment: true,
    isFragment: false,
  });
}

/** A UDP datagram whose payload is a number, to tell one from another. */
export function numberedPacket(source: string, destination: string, n: number): Uint8Array {
  const packet = udpPacket(source, destination, 8);
  new DataView(packet.buffer).setUint32(packet.length - 4, n);
  return packet;
}

/** The number of a `numberedPacket`. */
export function numberOf(packet: Uint8Array): number {
  return new DataView(packet.buffer, packet.byteOffset).getUint32(packet.length - 4);
}

/** An echo request of 56 data bytes, as `ping` sends it: 84 bytes over IPv4. */
export function pingPacket(source: string, destination: string, sequence = 1): Uint8Array {
  const ends = { source: source as IpAddress, destination: destination as IpAddress };
  return ipPacketBytes({
    ...ends,
    protocol: familyOf(ends.source) === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6,
    hopLimit: 64,
    payload: icmpBytes({ kind: 'echo-request', identifier: 7, sequence, data: new Uint8Array(56) }, ends),
    dontFragment: false,
    isFragment: false,
  });
}
