/** Error messages about packets that were dropped (RFC 1812, section 4.3; RFC 4443, section 2.4). */
import type { IpAddress } from '@flatland/shared/address/ip';
import type { DropReason } from '../drop-reason.ts';
import { icmpBytes, isIcmpError, type IcmpErrorKind } from './icmp.ts';
import { familyOf, ipPacketBytes, parseIp, type IpPacket } from './ip.ts';
import { PROTOCOL_ICMP, PROTOCOL_ICMPV6 } from './protocol-numbers.ts';

/** As much of the original as fits the smallest packet that must pass everywhere. */
const ORIGINAL_BYTES = { 4: 576 - 28, 6: 1_280 - 48 } as const;

/** The drops that senders are told of. */
export const ICMP_ERROR_OF_DROP: Partial<Record<DropReason, IcmpErrorKind>> = {
  'no-route': 'host-unreachable',
  'no-endpoint': 'host-unreachable',
  'too-big': 'too-big',
  'ttl-exceeded': 'ttl-exceeded',
};

/**
 * The ICMP error about a packet, from one of the router's own addresses to the packet's source. Nothing where the
 * router has no address of that family, or where the rules forbid an answer: about errors, fragments,
 * and packets from or to anything but one host.
 */
export function icmpErrorAbout(
  packet: Uint8Array,
  error: { readonly kind: IcmpErrorKind; readonly mtuBytes: number },
  routerAddresses: readonly IpAddress[],
): Uint8Array | undefined {
  const parsed = parseIp(packet);
  if (!parsed.ok || !deservesAnswer(parsed.value)) return undefined;
  const family = familyOf(parsed.value.source);
  const source = routerAddresses.find((address) => familyOf(address) === family);
  if (source === undefined) return undefined;
  const ends = { source, destination: parsed.value.source };
  const original = packet.subarray(0, ORIGINAL_BYTES[family]);
  return ipPacketBytes({
    ...ends,
    protocol: family === 4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6,
    hopLimit: 64,
    payload: icmpBytes({ ...error, original }, ends),
    dontFragment: false,
    isFragment: false,
  });
}

/**
 * The ICMP error about a packet that does not fit the path to its destination, as if from there: a system drops what
 * comes in with an address of its own as source, but not what comes from where it sends to.
 */
export function tooBigErrorAbout(packet: Uint8Array, mtuBytes: number): Uint8Array | undefined {
  const parsed = parseIp(packet);
  if (!parsed.ok) return undefined;
  return icmpErrorAbout(packet, { kind: 'too-big', mtuBytes }, [parsed.value.destination]);
}

function deservesAnswer(packet: IpPacket): boolean {
  if (packet.isFragment || !isUnicast(packet.source) || !isUnicast(packet.destination)) return false;
  const type = packet.payload[0] ?? 0;
  if (packet.protocol === PROTOCOL_ICMP) return !isIcmpError(4, type);
  if (packet.protocol === PROTOCOL_ICMPV6) return !isIcmpError(6, type);
  return true;
}

/** One host: neither unspecified nor multicast, nor reserved, nor the broadcast address. */
function isUnicast(address: IpAddress): boolean {
  if (address.includes(':')) return address !== '::' && !address.startsWith('ff');
  const first = Number(address.slice(0, address.indexOf('.')));
  return first > 0 && first < 224;
}
