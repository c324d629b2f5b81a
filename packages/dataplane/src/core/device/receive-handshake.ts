/** The receiving half of a device: handshake messages. */
import { CONSUME, type DropReason, type PacketVerdict } from '../drop-reason.ts';
import { copyBytes } from '../noise/bytes.ts';
import { HANDSHAKE_INITIATION_INTERVAL_MS, KEY_BYTES } from '../noise/constants.ts';
import { openInitiation, openResponse } from '../noise/handshake.ts';
import { Keypair } from '../noise/keypairs.ts';
import { publicKeyOf } from '../noise/keys.ts';
import { parseMessageCookieReply, parseMessageInitiation, parseMessageResponse } from '../noise/messages.ts';
import { greater } from '../noise/tai64n.ts';
import type { Peer } from '../peer/peer.ts';
import type { UdpEndpoint } from '../peer/udp-endpoint.ts';
import { dropped, type DeviceState } from './device-state.ts';
import { roam } from './roam.ts';
import { dropInitiation, sendKeepalive, sendResponse } from './send.ts';

/** A datagram, where it came from, and when. */
export interface Arrival {
  readonly from: UdpEndpoint;
  readonly datagram: Uint8Array;
  readonly nowMs: number;
}

/** Takes in an initiation: answers it, or says why not. */
export function receiveInitiation(device: DeviceState, arrival: Arrival): PacketVerdict {
  const { from, datagram, nowMs } = arrival;
  const message = parseMessageInitiation(datagram);
  const local = device.staticKeys;
  if (message === undefined || local === undefined) return dropped(device, 'malformed-message');
  const refusal = admit(device, arrival);
  if (refusal !== undefined) return dropped(device, refusal);

  const opened = openInitiation(device.deps.crypto, { message, local }, (publicKey) =>
    publicKey.length === KEY_BYTES ? device.peers.get(publicKeyOf(publicKey)) : undefined,
  );
  if (!opened.ok) return dropped(device, opened.error);
  const { remote: peer, timestamp } = opened.value;
  if (!greater(timestamp, peer.greatestTimestamp)) return dropped(device, 'initiation-replayed', peer);
  if (acceptedRecently(peer, nowMs)) return dropped(device, 'initiation-flood', peer);

  peer.greatestTimestamp = copyBytes(timestamp);
  peer.initiationAcceptedAtMs = nowMs;
  peer.counters.initiationsReceived++;
  peer.counters.rxBytes += datagram.length;
  roam(device, peer, from);
  peer.timers.anyAuthenticatedPacketReceived(nowMs);
  return sendResponse(device, opened.value, nowMs);
}

/** Takes in a response: completes the handshake that we began. */
export function receiveResponse(device: DeviceState, arrival: Arrival): PacketVerdict {
  const { from, datagram, nowMs } = arrival;
  const message = parseMessageResponse(datagram);
  const local = device.staticKeys;
  if (message === undefined || local === undefined) return dropped(device, 'malformed-message');
  const refusal = admit(device, arrival);
  if (refusal !== undefined) return dropped(device, refusal);

  const entry = device.indices.find(message.receiver);
  const peer = entry?.kind === 'handshake' ? entry.peer : undefined;
  const state = peer?.initiation;
  if (peer === undefined || state?.localIndex !== message.receiver) return dropped(device, 'unknown-index');
  const opened = openResponse(
    device.deps.crypto,
    { message, state },
    { local, presharedKey: peer.presharedKey },
  );
  if (!opened.ok) return dropped(device, opened.error, peer);

  const keypair = new Keypair(opened.value, true, nowMs);
  dropInitiation(device, peer);
  device.indices.replace(keypair.localIndex, { kind: 'session', peer, keypair });
  peer.keypairs.installInitiated(keypair);
  peer.counters.responsesReceived++;
  peer.counters.rxBytes += datagram.length;
  roam(device, peer, from);
  peer.timers.anyAuthenticatedPacketReceived(nowMs);
  peer.timers.sessionDerived(nowMs);
  completeHandshake(device, peer, nowMs);
  sendKeepalive(device, peer, nowMs);
  return CONSUME;
}

/** Takes in a cookie reply. It is not proof of where the peer is, so the endpoint stays. */
export function receiveCookieReply(device: DeviceState, { datagram, nowMs }: Arrival): PacketVerdict {
  const message = parseMessageCookieReply(datagram);
  if (message === undefined) return dropped(device, 'malformed-message');
  const entry = device.indices.find(message.receiver);
  if (entry === undefined) return dropped(device, 'unknown-index');
  if (!entry.peer.cookies.acceptReply(message, nowMs)) return dropped(device, 'cookie-invalid', entry.peer);
  entry.peer.counters.rxBytes += datagram.length;
  entry.peer.counters.cookieRepliesReceived++;
  return CONSUME;
}

/** Notes that both sides have a session. */
export function completeHandshake(device: DeviceState, peer: Peer, nowMs: number): void {
  peer.timers.handshakeComplete();
  peer.handshakeAtMs = nowMs;
  device.events.push({ kind: 'handshake-complete', peer: peer.publicKey });
}

/** Looks at the MACs; under load only those get through that have proved their address, at a modest rate. */
function admit(device: DeviceState, { from, datagram, nowMs }: Arrival): DropReason | undefined {
  const checker = device.cookieChecker;
  if (checker?.checkMac1(datagram) !== true) return 'mac1-invalid';
  if (!device.loadMeter.arrive(nowMs)) return undefined;
  if (!checker.checkMac2(datagram, from, nowMs)) {
    device.transmits.push({ to: from, datagram: checker.createReply(datagram, from, nowMs) });
    return 'under-load';
  }
  return device.sourceLimiter.allow(from, nowMs) ? undefined : 'rate-limited';
}

function acceptedRecently(peer: Peer, nowMs: number): boolean {
  if (peer.initiationAcceptedAtMs === undefined) return false;
  return Math.abs(nowMs - peer.initiationAcceptedAtMs) < HANDSHAKE_INITIATION_INTERVAL_MS;
}
