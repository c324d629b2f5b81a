/** ICMP (RFC 792, RFC 1191) and ICMPv6 (RFC 4443) in one vocabulary. */
import { err, ok, type Result } from '@flatland/shared/result';
import { viewOf } from '../noise/bytes.ts';
import { checksum } from './checksum.ts';
import { familyOf, type IpParseError } from './ip.ts';
import { PROTOCOL_ICMPV6 } from './protocol-numbers.ts';
import { transportChecksum, type IpEnds } from './transport-checksum.ts';

const HEADER_BYTES = 8;

export type IcmpMessage =
  | {
      readonly kind: 'echo-request' | 'echo-reply';
      readonly identifier: number;
      readonly sequence: number;
      readonly data: Uint8Array;
    }
  /** `original`: the start of the packet that the error is about. */
  | { readonly kind: IcmpErrorKind; readonly mtuBytes: number; readonly original: Uint8Array }
  | { readonly kind: 'other' };

export type IcmpErrorKind =
  | 'host-unreachable'
  | 'port-unreachable'
  | 'administratively-prohibited'
  | 'too-big'
  | 'ttl-exceeded';

type Codes = Readonly<Record<IcmpErrorKind | 'echo-request' | 'echo-reply', readonly [number, number]>>;

const ICMPV4: Codes = {
  'echo-request': [8, 0],
  'echo-reply': [0, 0],
  'host-unreachable': [3, 1],
  'port-unreachable': [3, 3],
  'administratively-prohibited': [3, 13],
  'too-big': [3, 4],
  'ttl-exceeded': [11, 0],
};

const ICMPV6: Codes = {
  'echo-request': [128, 0],
  'echo-reply': [129, 0],
  'host-unreachable': [1, 3],
  'port-unreachable': [1, 4],
  'administratively-prohibited': [1, 1],
  'too-big': [2, 0],
  'ttl-exceeded': [3, 0],
};

/** Whether a type of the family is an error, about which no error may be sent. */
export function isIcmpError(family: 4 | 6, type: number): boolean {
  return family === 6 ? type < 128 : [3, 4, 5, 11, 12].includes(type);
}

/** Reads a message and checks its checksum. */
export function parseIcmp(segment: Uint8Array, ends: IpEnds): Result<IcmpMessage, IpParseError> {
  if (segment.length < HEADER_BYTES) return err('malformed');
  const family = familyOf(ends.source);
  if (icmpChecksum(segment, ends) !== 0) return err('checksum-invalid');
  const codes = Object.entries(family === 4 ? ICMPV4 : ICMPV6) as [keyof Codes, readonly [number, number]][];
  const kind = codes.find(([, [type, code]]) => segment[0] === type && segment[1] === code)?.[0];
  const view = viewOf(segment);
  const rest = segment.subarray(HEADER_BYTES);
  switch (kind) {
    case undefined:
      return ok({ kind: 'other' });
    case 'echo-request':
    case 'echo-reply':
      return ok({ kind, identifier: view.getUint16(4), sequence: view.getUint16(6), data: rest });
    case 'host-unreachable':
    case 'port-unreachable':
    case 'administratively-prohibited':
    case 'too-big':
    case 'ttl-exceeded':
      return ok({ kind, mtuBytes: mtuOf(kind, family, view), original: rest });
  }
}

/** The bytes of a message between two addresses. */
export function icmpBytes(message: Exclude<IcmpMessage, { kind: 'other' }>, ends: IpEnds): Uint8Array {
  const family = familyOf(ends.source);
  const body = 'data' in message ? message.data : message.original;
  const bytes = new Uint8Array(HEADER_BYTES + body.length);
  const view = viewOf(bytes);
  bytes.set((family === 4 ? ICMPV4 : ICMPV6)[message.kind], 0);
  if ('data' in message) {
    view.setUint16(4, message.identifier);
    view.setUint16(6, message.sequence);
  } else if (message.kind === 'too-big') {
    if (family === 4) view.setUint16(6, message.mtuBytes);
    else view.setUint32(4, message.mtuBytes);
  }
  bytes.set(body, HEADER_BYTES);
  view.setUint16(2, icmpChecksum(bytes, ends));
  return bytes;
}

function icmpChecksum(segment: Uint8Array, ends: IpEnds): number {
  return familyOf(ends.source) === 4 ? checksum(segment) : transportChecksum(ends, PROTOCOL_ICMPV6, segment);
}

function mtuOf(kind: IcmpErrorKind, family: 4 | 6, view: DataView): number {
  if (kind !== 'too-big') return 0;
  return family === 4 ? view.getUint16(6) : view.getUint32(4);
}
