/** The receiving half of a device: data and keepalives. */
import { CONSUME, DELIVER, type PacketVerdict } from '../drop-reason.ts';
import { EMPTY } from '../noise/bytes.ts';
import {
  KEEPALIVE_TIMEOUT_MS,
  REJECT_AFTER_MESSAGES,
  REJECT_AFTER_TIME_MS,
  REKEY_TIMEOUT_MS,
} from '../noise/constants.ts';
import { parseMessageTransport } from '../noise/messages.ts';
import type { Peer } from '../peer/peer.ts';
import { viewIpPacket } from '../wire/ip-packet.ts';
import { dropped, type DeviceState } from './device-state.ts';
import { completeHandshake, type Arrival } from './receive-handshake.ts';
import { roam } from './roam.ts';
import { sendInitiation, sendStaged } from './send.ts';

/** Takes in a transport message: opens it, and delivers the inner packet if its source belongs to the peer. */
export function receiveTransport(device: DeviceState, { from, datagram, nowMs }: Arrival): PacketVerdict {
  const message = parseMessageTransport(datagram);
  if (message === undefined) return dropped(device, 'malformed-message');
  const entry = device.indices.find(message.receiver);
  if (entry?.kind !== 'session') return dropped(device, 'unknown-index');
  const { peer, keypair } = entry;
  const { counter } = message;
  if (!keypair.mayReceive(nowMs) || counter >= REJECT_AFTER_MESSAGES)
    return dropped(device, 'session-expired', peer);
  const padded = device.deps.crypto.open(keypair.receiveKey, counter, message.encryptedPacket, EMPTY);
  if (padded === undefined) return dropped(device, 'authentication-failed', peer);
  if (!keypair.replay.accept(counter, REJECT_AFTER_MESSAGES)) return dropped(device, 'replayed', peer);

  roam(device, peer, from);
  peer.counters.rxBytes += datagram.length;
  if (peer.keypairs.confirm(keypair)) {
    completeHandshake(device, peer, nowMs);
    sendStaged(device, peer, nowMs);
  }
  peer.timers.anyAuthenticatedPacketReceived(nowMs);
  keepReceivingKeyFresh(device, peer, nowMs);
  if (padded.length === 0) {
    peer.counters.keepalivesReceived++;
    return CONSUME;
  }
  peer.timers.dataReceived(nowMs);
  return deliver(device, peer, padded);
}

function deliver(device: DeviceState, peer: Peer, padded: Uint8Array): PacketVerdict {
  const view = viewIpPacket(padded);
  if (view === undefined) return dropped(device, 'inner-malformed', peer);
  if (device.allowedIps.lookup(padded, view.sourceOffset, view.family) !== peer)
    return dropped(device, 'source-not-allowed', peer);
  peer.counters.rxPackets++;
  device.packets.push(padded.subarray(0, view.totalBytes));
  return DELIVER;
}

/** Renews a session that would end before the next chance: once, and only the one who began it. */
export function keepReceivingKeyFresh(device: DeviceState, peer: Peer, nowMs: number): void {
  const { current } = peer.keypairs;
  if (peer.timers.sentLastMinuteHandshake || current?.isInitiator !== true) return;
  if (current.ageMs(nowMs) <= REJECT_AFTER_TIME_MS - KEEPALIVE_TIMEOUT_MS - REKEY_TIMEOUT_MS) return;
  peer.timers.sentLastMinuteHandshake = true;
  sendInitiation(device, peer, { isRetry: false, nowMs });
}
