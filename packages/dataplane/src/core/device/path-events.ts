/** What a device does about what its data path tells. */
import type { DataPathEvent } from './data-path.ts';
import type { DeviceState } from './device-state.ts';
import { lowerPeerMtu } from './path-mtu.ts';
import { completeHandshake } from './receive-handshake.ts';
import { keepReceivingKeyFresh } from './receive-transport.ts';
import { roamed } from './roam.ts';
import { keepSendingKeyFresh, sendStaged } from './send.ts';

/** Acts on one event. It may be about a peer or a session that is gone meanwhile. */
export function handlePathEvent(device: DeviceState, event: DataPathEvent, nowMs: number): void {
  if (event.kind === 'confirmed') return confirmSession(device, event.localIndex, nowMs);
  if (event.kind === 'under-load') {
    device.loadMeter.notice(nowMs);
    device.cookieChecker?.keepFresh(nowMs);
    return;
  }
  const peer = device.peersByPath.get(event.peer);
  if (peer === undefined) return;
  switch (event.kind) {
    case 'roamed':
      return roamed(device, peer, event.endpoint);
    case 'session-used': {
      const { current } = peer.keypairs;
      if (event.by === 'receiving') keepReceivingKeyFresh(device, peer, nowMs);
      else if (current !== undefined) keepSendingKeyFresh(device, peer, { keypair: current, nowMs });
      return;
    }
    case 'too-long':
      return lowerPeerMtu(device, peer, { datagramBytes: event.datagramBytes, nowMs });
  }
}

function confirmSession(device: DeviceState, localIndex: number, nowMs: number): void {
  const entry = device.indices.find(localIndex);
  if (entry?.kind !== 'session' || !entry.peer.keypairs.confirm(entry.keypair)) return;
  completeHandshake(device, entry.peer, nowMs);
  sendStaged(device, entry.peer, nowMs);
}
