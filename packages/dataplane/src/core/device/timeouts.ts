/** What a device does when a timer of a peer fires. */
import { MAX_TIMER_HANDSHAKES } from '../noise/constants.ts';
import type { Peer } from '../peer/peer.ts';
import type { TimerName } from '../peer/peer-timers.ts';
import { dropped, type DeviceState } from './device-state.ts';
import { raisePeerMtu } from './path-mtu.ts';
import { dropInitiation, sendInitiation, sendKeepalive } from './send.ts';

/** Acts on one expired timer. */
export function fireTimer(
  device: DeviceState,
  peer: Peer,
  { timer, nowMs }: { readonly timer: TimerName; readonly nowMs: number },
): void {
  switch (timer) {
    case 'retransmit-handshake':
      return retransmitHandshake(device, peer, nowMs);
    case 'send-keepalive':
      sendKeepalive(device, peer, nowMs);
      return peer.timers.keepaliveSent(nowMs);
    case 'new-handshake':
      return sendInitiation(device, peer, { isRetry: false, nowMs });
    case 'zero-key-material':
      return eraseKeys(device, peer);
    case 'persistent-keepalive':
      sendKeepalive(device, peer, nowMs);
      return peer.timers.persistentKeepaliveFired(nowMs);
    case 'raise-path-mtu':
      return raisePeerMtu(device, peer);
  }
}

/** Drops what waits for a session. Keepalives that wait are no packets. */
export function flushStaged(device: DeviceState, peer: Peer, reason: 'handshake-timeout' | 'removed'): void {
  const nPackets = peer.staged.takeAll().filter((packet) => packet.length > 0).length;
  if (nPackets > 0) dropped(device, reason, peer, nPackets);
}

function retransmitHandshake(device: DeviceState, peer: Peer, nowMs: number): void {
  if (peer.timers.handshakeAttempts > MAX_TIMER_HANDSHAKES) {
    flushStaged(device, peer, 'handshake-timeout');
    peer.timers.handshakeAbandoned(nowMs);
    device.events.push({ kind: 'handshake-abandoned', peer: peer.publicKey });
    return;
  }
  peer.timers.handshakeAttempts++;
  sendInitiation(device, peer, { isRetry: true, nowMs });
}

/** Erases every session and handshake of a peer, and what waited for one. */
function eraseKeys(device: DeviceState, peer: Peer): void {
  dropInitiation(device, peer);
  peer.keypairs.eraseAll();
  flushStaged(device, peer, 'handshake-timeout');
  device.events.push({ kind: 'keys-erased', peer: peer.publicKey });
}
