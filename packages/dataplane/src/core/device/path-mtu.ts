import { MESSAGE_KEEPALIVE_BYTES } from '../noise/constants.ts';
import { lowerMtuBytes } from '../path/mtu.ts';
import { sameEndpoint } from '../peer/udp-endpoint.ts';
import type { DeviceState } from './device-state.ts';
import { peerMtuBytes } from './send.ts';
import type { DatagramTooLong } from './wireguard-device.ts';
import { dropped } from './device-state.ts';

/** Lowers the MTU of the path to the peer that a refused datagram was for. */
export function lowerPathMtu(device: DeviceState, { to, datagramBytes }: DatagramTooLong): void {
  for (const peer of device.peers.values()) {
    if (!sameEndpoint(peer.endpoint, to)) continue;
    dropped(device, 'too-big', peer);
    const refused = datagramBytes - MESSAGE_KEEPALIVE_BYTES;
    const mtuBytes = Math.min(lowerMtuBytes(refused), peerMtuBytes(device, peer));
    if (mtuBytes === peer.pathMtuBytes) return;
    peer.pathMtuBytes = mtuBytes;
    device.events.push({ kind: 'path-mtu-lowered', peer: peer.publicKey, mtuBytes });
    return;
  }
}
