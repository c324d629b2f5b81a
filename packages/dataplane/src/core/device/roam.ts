import { sameEndpoint, type UdpEndpoint } from '../peer/udp-endpoint.ts';
import { movePeer, type Peer } from '../peer/peer.ts';
import type { DeviceState } from './device-state.ts';

/** Takes over the source of an authenticated message as the peer's endpoint (paper, section 2.1). */
export function roam(device: DeviceState, peer: Peer, from: UdpEndpoint): void {
  if (sameEndpoint(peer.endpoint, from)) return;
  movePeer(peer, from);
  device.events.push({ kind: 'endpoint-changed', peer: peer.publicKey, endpoint: from });
}

/** Takes over an endpoint that the data path sends to already. */
export function roamed(device: DeviceState, peer: Peer, endpoint: UdpEndpoint): void {
  if (sameEndpoint(peer.endpoint, endpoint)) return;
  peer.endpoint = endpoint;
  peer.pathMtuBytes = undefined;
  device.events.push({ kind: 'endpoint-changed', peer: peer.publicKey, endpoint });
}
