/** MTU arithmetic of tunnels. */
import { DEFAULT_MTU_BYTES, OVERHEAD_IPV6_BYTES } from '../noise/constants.ts';

/** IPv6 asks this much of every link (RFC 8200, section 5). */
export const IPV6_MIN_MTU_BYTES = 1_280;
/** What IPv4 paths carry in practice (RFC 1122, section 3.3.2). */
export const IPV4_MIN_MTU_BYTES = 576;

/** Inner MTUs to fall back to, as paths usually have them (after RFC 1191, section 7.1, less the overhead). */
const PLATEAUS = [8_920, 4_272, DEFAULT_MTU_BYTES, 1_412, 1_400, 1_380, 1_360, 1_340, 1_320, 1_300, 1_280];
const IPV4_PLATEAUS = [1_200, 1_000, 800, IPV4_MIN_MTU_BYTES];

/**
 * The MTU inside the tunnel between two nodes: the smaller underlay less the overhead over IPv6, which fits IPv4
 * too. Never below 1280 where the domain has IPv6; the outer datagrams are fragmented then.
 */
export function tunnelMtuBytes({
  localUnderlayMtuBytes,
  remoteUnderlayMtuBytes,
  hasIpv6,
}: {
  readonly localUnderlayMtuBytes: number;
  readonly remoteUnderlayMtuBytes: number;
  readonly hasIpv6: boolean;
}): number {
  const fits = Math.min(localUnderlayMtuBytes, remoteUnderlayMtuBytes) - OVERHEAD_IPV6_BYTES;
  return Math.max(fits, hasIpv6 ? IPV6_MIN_MTU_BYTES : IPV4_MIN_MTU_BYTES);
}

/** The next inner MTU to try below one that did not pass. */
export function lowerMtuBytes(refusedBytes: number): number {
  const plateau = [...PLATEAUS, ...IPV4_PLATEAUS].find((mtuBytes) => mtuBytes < refusedBytes);
  return plateau ?? IPV4_MIN_MTU_BYTES;
}
