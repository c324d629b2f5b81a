/** TCP segments (RFC 9293). Options are skipped when reading and not written. */
import { err, ok, type Result } from '@flatland/shared/result';
import { viewOf } from '../noise/bytes.ts';
import type { IpParseError } from './ip.ts';
import { PROTOCOL_TCP } from './protocol-numbers.ts';
import { transportChecksum, type IpEnds } from './transport-checksum.ts';

const TCP_HEADER_BYTES = 20;
export const TCP_FIN = 0x01;
export const TCP_SYN = 0x02;
export const TCP_RST = 0x04;
export const TCP_PSH = 0x08;
export const TCP_ACK = 0x10;

export interface TcpSegment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  readonly acknowledgment: number;
  readonly flags: number;
  readonly window: number;
  readonly payload: Uint8Array;
}

/** Reads a segment and checks its checksum. */
export function parseTcp(segment: Uint8Array, ends: IpEnds): Result<TcpSegment, IpParseError> {
  if (segment.length < TCP_HEADER_BYTES) return err('malformed');
  const view = viewOf(segment);
  const headerBytes = (segment[12]! >> 4) * 4;
  if (headerBytes < TCP_HEADER_BYTES || headerBytes > segment.length) return err('malformed');
  if (transportChecksum(ends, PROTOCOL_TCP, segment) !== 0) return err('checksum-invalid');
  return ok({
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    sequence: view.getUint32(4),
    acknowledgment: view.getUint32(8),
    flags: segment[13]!,
    window: view.getUint16(14),
    payload: segment.subarray(headerBytes),
  });
}

/** The bytes of a segment between two addresses. */
export function tcpBytes(segment: TcpSegment, ends: IpEnds): Uint8Array {
  const bytes = new Uint8Array(TCP_HEADER_BYTES + segment.payload.length);
  const view = viewOf(bytes);
  view.setUint16(0, segment.sourcePort);
  view.setUint16(2, segment.destinationPort);
  view.setUint32(4, segment.sequence);
  view.setUint32(8, segment.acknowledgment);
  bytes[12] = (TCP_HEADER_BYTES / 4) << 4;
  bytes[13] = segment.flags;
  view.setUint16(14, segment.window);
  bytes.set(segment.payload, TCP_HEADER_BYTES);
  view.setUint16(16, transportChecksum(ends, PROTOCOL_TCP, bytes));
  return bytes;
}
