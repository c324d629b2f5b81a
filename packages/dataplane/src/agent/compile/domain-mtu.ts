import { tunnelMtuBytes } from '../../core/path/mtu.ts';
import type { UnderlayAddress } from '../../ports/host-network.ts';
import type { NodeDomain } from './node-domains.ts';

const DEFAULT_UNDERLAY_MTU_BYTES = 1500;
const MIN_UNDERLAY_MTU_BYTES = 576;
const MAX_MTU_BYTES = 65_535;
/** WireGuard pads packets to this, except up to the device's own MTU (WireGuard §5.4.6). */
const PADDING_BYTES = 16;

/** MTU of the underlay that the node's best address is on. */
export function underlayMtuBytes(underlay: readonly UnderlayAddress[]): number {
  const mtu = underlay[0]?.mtuBytes ?? DEFAULT_UNDERLAY_MTU_BYTES;
  return Math.min(Math.max(mtu, MIN_UNDERLAY_MTU_BYTES), MAX_MTU_BYTES);
}

/** MTU of the domain's interfaces on this node. */
export function memberMtuBytes(domain: NodeDomain, underlay: readonly UnderlayAddress[]): number {
  const local = underlayMtuBytes(underlay);
  return capped(domain, local, local);
}

/**
 * MTU of routes to a peer: what both underlays carry, less the overhead. Where that is less than the
 * device's own MTU, padding may add to a packet, so it is a multiple of the padding.
 */
export function peerMtuBytes(
  domain: NodeDomain,
  underlay: readonly UnderlayAddress[],
  remoteUnderlayMtuBytes: number,
): number {
  const device = memberMtuBytes(domain, underlay);
  const path = capped(domain, underlayMtuBytes(underlay), remoteUnderlayMtuBytes);
  return path >= device ? device : path - (path % PADDING_BYTES);
}

function capped(domain: NodeDomain, localUnderlayMtuBytes: number, remoteUnderlayMtuBytes: number): number {
  const mtu = tunnelMtuBytes({
    localUnderlayMtuBytes,
    remoteUnderlayMtuBytes,
    hasIpv6: domain.prefixes.some((prefix) => prefix.includes(':')),
  });
  return Math.min(mtu, domain.domain.spec.mtuBytes ?? MAX_MTU_BYTES);
}
