import { compareBytes } from '../noise/bytes.ts';
import type { UdpEndpoint } from '../peer/udp-endpoint.ts';
import { ipBytes } from '../wire/ip-bytes.ts';
import { IPV4_HEADER_BYTES, IPV6_HEADER_BYTES, type IpPacketView } from '../wire/ip-packet.ts';
import { PROTOCOL_UDP } from '../wire/protocol-numbers.ts';

const IPV6_FRAGMENT_HEADER = 44;
const IPV6_FRAGMENT_HEADER_BYTES = 8;

/**
 * Whether a packet of the interface is a datagram that the device itself has sent to an endpoint. Where that is the
 * endpoint of the peer it is routed to, the endpoint lies within the tunnel: wrapped again it would come back once
 * more, longer each time and then in pieces, for ever. Of a datagram in pieces only the first one tells.
 */
export function isOwnDatagram(
  packet: Uint8Array,
  view: IpPacketView,
  { listenPort, to }: { readonly listenPort: number; readonly to: UdpEndpoint },
): boolean {
  const offset = udpOffset(packet, view);
  if (offset === undefined || offset + 4 > packet.length) return false;
  if (portAt(packet, offset) !== listenPort || portAt(packet, offset + 2) !== to.port) return false;
  const address = ipBytes(to.address);
  const { destinationOffset } = view;
  return compareBytes(packet.subarray(destinationOffset, destinationOffset + address.length), address) === 0;
}

function udpOffset(packet: Uint8Array, { family }: IpPacketView): number | undefined {
  if (family === 4) {
    const isFirst = (((packet[6]! << 8) | packet[7]!) & 0x1fff) === 0;
    const headerBytes = Math.max((packet[0]! & 15) * 4, IPV4_HEADER_BYTES);
    return packet[9] === PROTOCOL_UDP && isFirst ? headerBytes : undefined;
  }
  if (packet[6] === PROTOCOL_UDP) return IPV6_HEADER_BYTES;
  if (packet[6] !== IPV6_FRAGMENT_HEADER || packet[IPV6_HEADER_BYTES] !== PROTOCOL_UDP) return undefined;
  const isFirst = (((packet[IPV6_HEADER_BYTES + 2]! << 8) | packet[IPV6_HEADER_BYTES + 3]!) & 0xfff8) === 0;
  return isFirst ? IPV6_HEADER_BYTES + IPV6_FRAGMENT_HEADER_BYTES : undefined;
}

function portAt(packet: Uint8Array, offset: number): number {
  return (packet[offset]! << 8) | packet[offset + 1]!;
}
