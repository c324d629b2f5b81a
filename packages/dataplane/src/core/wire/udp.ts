/** UDP (RFC 768). */
import { err, ok, type Result } from '@flatland/shared/result';
import { viewOf } from '../noise/bytes.ts';
import { PROTOCOL_UDP } from './protocol-numbers.ts';
import { transportChecksum, type IpEnds } from './transport-checksum.ts';
import type { IpParseError } from './ip.ts';

const UDP_HEADER_BYTES = 8;

export interface UdpDatagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

/** Reads a datagram and checks its checksum; over IPv4 a zero one means that there is none. */
export function parseUdp(segment: Uint8Array, ends: IpEnds): Result<UdpDatagram, IpParseError> {
  if (segment.length < UDP_HEADER_BYTES) return err('malformed');
  const view = viewOf(segment);
  const length = view.getUint16(4);
  if (length < UDP_HEADER_BYTES || length > segment.length) return err('malformed');
  const hasChecksum = view.getUint16(6) !== 0;
  if (!hasChecksum && ends.source.includes(':')) return err('checksum-invalid');
  if (hasChecksum && transportChecksum(ends, PROTOCOL_UDP, segment.subarray(0, length)) !== 0)
    return err('checksum-invalid');
  return ok({
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    payload: segment.subarray(UDP_HEADER_BYTES, length),
  });
}

/** The bytes of a datagram between two addresses. */
export function udpBytes(datagram: UdpDatagram, ends: IpEnds): Uint8Array {
  const bytes = new Uint8Array(UDP_HEADER_BYTES + datagram.payload.length);
  const view = viewOf(bytes);
  view.setUint16(0, datagram.sourcePort);
  view.setUint16(2, datagram.destinationPort);
  view.setUint16(4, bytes.length);
  bytes.set(datagram.payload, UDP_HEADER_BYTES);
  view.setUint16(6, transportChecksum(ends, PROTOCOL_UDP, bytes) || 0xffff);
  return bytes;
}
