/** Reads from an ICMP error which request of a host it is about. */
import type { IpAddress } from '@flatland/shared/address/ip';
import { viewOf } from '../noise/bytes.ts';
import type { IcmpErrorKind } from '../wire/icmp.ts';
import { ipOfBytes } from '../wire/ip-bytes.ts';
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP } from '../wire/protocol-numbers.ts';
import type { ExchangeOutcome } from './exchange.ts';
import type { ExchangeKey } from './exchanges.ts';

/** The start of a packet that an error quotes. */
export interface QuotedPacket {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly key: ExchangeKey;
  /** Destination port of UDP and TCP. */
  readonly remotePort: number;
}

/** Reads the quoted start of a packet; nothing where it is too short or of another protocol. */
export function parseQuotedPacket(quoted: Uint8Array): QuotedPacket | undefined {
  const isIpv4 = (quoted[0] ?? 0) >> 4 === 4;
  const headerBytes = isIpv4 ? (quoted[0]! & 15) * 4 : 40;
  if (headerBytes < 20 || quoted.length < headerBytes + 8) return undefined;
  const addressAt = isIpv4 ? 12 : 8;
  const addressBytes = isIpv4 ? 4 : 16;
  const segment = viewOf(quoted.subarray(headerBytes));
  const key = keyOf(quoted[isIpv4 ? 9 : 6]!, segment);
  if (key === undefined) return undefined;
  return {
    source: ipOfBytes(quoted.subarray(addressAt, addressAt + addressBytes)),
    destination: ipOfBytes(quoted.subarray(addressAt + addressBytes, addressAt + 2 * addressBytes)),
    key,
    remotePort: segment.getUint16(2),
  };
}

/** What an error means for the request that it is about. */
export function outcomeOfIcmpError(kind: IcmpErrorKind, reporter: IpAddress): ExchangeOutcome {
  if (kind === 'port-unreachable') return { kind: 'refused', detail: `${reporter} has nobody on that port` };
  return { kind: 'unreachable', detail: `${kind} from ${reporter}` };
}

function keyOf(protocol: number, segment: DataView): ExchangeKey | undefined {
  switch (protocol) {
    case PROTOCOL_ICMP:
    case PROTOCOL_ICMPV6:
      return { protocol: 'ICMP', local: segment.getUint16(4) };
    case PROTOCOL_UDP:
      return { protocol: 'UDP', local: segment.getUint16(0) };
    case PROTOCOL_TCP:
      return { protocol: 'TCP', local: segment.getUint16(0) };
    default:
      return undefined;
  }
}
