import { MESSAGE_KEEPALIVE_BYTES } from '../noise/constants.ts';
import { lowerMtuBytes } from '../path/mtu.ts';
import type { Peer } from '../peer/peer.ts';
import { sameEndpoint } from '../peer/udp-endpoint.ts';
import { dropped, type DeviceState } from './device-state.ts';
import { peerMtuBytes } from './send.ts';
import type { DatagramTooLong } from './wireguard-device.ts';

/** Lowers the MTU of the path to the peer that a refused datagram was for. */
export function lowerPathMtu(
  device: DeviceState,
  { to, datagramBytes }: DatagramTooLong,
  nowMs: number,
): void {
  for (const peer of device.peers.values()) {
    if (!sameEndpoint(peer.endpoint, to)) continue;
    dropped(device, 'too-big', peer);
    lowerPeerMtu(device, peer, { datagramBytes, nowMs });
    return;
  }
}

/** Lowers the MTU of the path to a peer below that of a datagram that did not pass in one piece. */
export function lowerPeerMtu(
  device: DeviceState,
  peer: Peer,
  { datagramBytes, nowMs }: { readonly datagramBytes: number; readonly nowMs: number },
): void {
  const refused = datagramBytes - MESSAGE_KEEPALIVE_BYTES;
  const mtuBytes = Math.min(lowerMtuBytes(refused), peerMtuBytes(device, peer));
  if (mtuBytes === peer.pathMtuBytes) return;
  peer.pathMtuBytes = mtuBytes;
  peer.path?.setMtu(mtuBytes);
  peer.timers.pathMtuLowered(nowMs);
  device.events.push({ kind: 'path-mtu-lowered', peer: peer.publicKey, mtuBytes });
}

/** Lets packets of any length go to a peer again: the path may have become wider. */
export function raisePeerMtu(device: DeviceState, peer: Peer): void {
  if (peer.pathMtuBytes === undefined) return;
  peer.pathMtuBytes = undefined;
  peer.path?.setMtu(undefined);
  device.events.push({ kind: 'path-mtu-raised', peer: peer.publicKey });
}
