/** What forwarding needs of an IP header (RFC 791, RFC 8200). */
import type { IpFamily } from '@flatland/shared/address/ip';

export const IPV4_HEADER_BYTES = 20;
export const IPV6_HEADER_BYTES = 40;

/** A view of the addresses of a packet: where they lie, and how long the packet says it is. */
export interface IpPacketView {
  readonly family: IpFamily;
  readonly sourceOffset: number;
  readonly destinationOffset: number;
  readonly totalBytes: number;
}

/** The ECN bits of a packet (RFC 3168); 0 for an empty one. */
export function ecnOf(packet: Uint8Array): number {
  const second = packet[1] ?? 0;
  return ((packet[0] ?? 0) >> 4 === 4 ? second : second >> 4) & 3;
}

/** Whether a router may cut a packet to pieces: IPv4 without DF. */
export function mayFragment(packet: Uint8Array): boolean {
  return packet[0]! >> 4 === 4 && (packet[6]! & 0x40) === 0;
}

/**
 * Looks at an inner packet; nothing where it is neither IPv4 nor IPv6, or claims to be longer than it is. It may
 * claim to be shorter: what follows is padding.
 */
export function viewIpPacket(packet: Uint8Array): IpPacketView | undefined {
  switch ((packet[0] ?? 0) >> 4) {
    case 4: {
      const totalBytes = ((packet[2] ?? 0) << 8) | (packet[3] ?? 0);
      const fits = totalBytes >= IPV4_HEADER_BYTES && totalBytes <= packet.length;
      return fits ? { family: 4, sourceOffset: 12, destinationOffset: 16, totalBytes } : undefined;
    }
    case 6: {
      if (packet.length < IPV6_HEADER_BYTES) return undefined;
      const totalBytes = IPV6_HEADER_BYTES + ((packet[4]! << 8) | packet[5]!);
      const fits = totalBytes <= packet.length;
      return fits ? { family: 6, sourceOffset: 8, destinationOffset: 24, totalBytes } : undefined;
    }
    default:
      return undefined;
  }
}
