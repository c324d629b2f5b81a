import { sameEndpoint, type UdpEndpoint } from '../peer/udp-endpoint.ts';
import type { Peer } from '../peer/peer.ts';
import type { DeviceState } from './device-state.ts';

/** Takes over the source of an authenticated message as the peer's endpoint (paper, section 2.1). */
export function roam(device: DeviceState, peer: Peer, from: UdpEndpoint): void {
  if (sameEndpoint(peer.endpoint, from)) return;
  peer.endpoint = from;
  peer.pathMtuBytes = undefined;
  device.events.push({ kind: 'endpoint-changed', peer: peer.publicKey, endpoint: from });
}
