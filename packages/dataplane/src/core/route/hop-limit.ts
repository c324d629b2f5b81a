import { foldChecksum } from '../wire/checksum.ts';
import { viewIpPacket } from '../wire/ip-packet.ts';

/** Lowers the time to live, or hop limit, in place; false where it runs out. IPv4's checksum is kept right (RFC 1624). */
export function decrementHopLimit(packet: Uint8Array): boolean {
  const family = viewIpPacket(packet)?.family;
  if (family === undefined) return false;
  const offset = family === 4 ? 8 : 7;
  if (packet[offset]! <= 1) return false;
  packet[offset]!--;
  if (family === 4) {
    const old = (packet[10]! << 8) | packet[11]!;
    const updated = foldChecksum((~old & 0xffff) + (~0x0100 & 0xffff));
    packet[10] = updated >> 8;
    packet[11] = updated & 255;
  }
  return true;
}
