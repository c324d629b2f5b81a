/** The sending half of a device: handshake messages, keepalives, and data. */
import { STAGE, TRANSMIT, type PacketVerdict } from '../drop-reason.ts';
import { EMPTY } from '../noise/bytes.ts';
import {
  MESSAGE_TRANSPORT_HEADER_BYTES,
  REKEY_AFTER_MESSAGES,
  REKEY_AFTER_TIME_MS,
  REKEY_TIMEOUT_MS,
  TAG_BYTES,
} from '../noise/constants.ts';
import { createInitiation, createResponse, type OpenedInitiation } from '../noise/handshake.ts';
import { Keypair } from '../noise/keypairs.ts';
import { writeTransportHeader } from '../noise/messages.ts';
import { paddedLength } from '../peer/padding.ts';
import type { Peer } from '../peer/peer.ts';
import { ecnOf } from '../wire/ip-packet.ts';
import { dropped, type DeviceState } from './device-state.ts';

/** Sends an inner packet to a peer, or keeps it until there is a session. */
export function sendPacket(
  device: DeviceState,
  peer: Peer,
  { packet, nowMs }: { readonly packet: Uint8Array; readonly nowMs: number },
): PacketVerdict {
  const keypair = usableKeypair(peer, nowMs);
  if (keypair !== undefined && peer.staged.isEmpty()) {
    sealAndTransmit(device, peer, { packet, keypair, nowMs });
    return TRANSMIT;
  }
  if (peer.staged.push(packet)) dropped(device, 'staged-overflow', peer);
  return sendStaged(device, peer, nowMs) ? TRANSMIT : STAGE;
}

/** Sends what waits for a session; begins a handshake where there is none. True where it was sent. */
export function sendStaged(device: DeviceState, peer: Peer, nowMs: number): boolean {
  if (peer.staged.isEmpty()) return false;
  if (usableKeypair(peer, nowMs) === undefined) {
    sendInitiation(device, peer, { isRetry: false, nowMs });
    return false;
  }
  const waiting = peer.staged.takeAll();
  for (const [i, packet] of waiting.entries()) {
    const keypair = usableKeypair(peer, nowMs);
    if (keypair === undefined) {
      for (const rest of waiting.slice(i)) peer.staged.push(rest);
      sendInitiation(device, peer, { isRetry: false, nowMs });
      return false;
    }
    sealAndTransmit(device, peer, { packet, keypair, nowMs });
  }
  return true;
}

/** Sends what waits, or an empty message where nothing does; begins a handshake where there is no session. */
export function sendKeepalive(device: DeviceState, peer: Peer, nowMs: number): void {
  if (peer.staged.isEmpty()) peer.staged.push(EMPTY);
  sendStaged(device, peer, nowMs);
}

/**
 * Begins a handshake, at most once in REKEY_TIMEOUT. A wish that comes too early, because a response was sent
 * meanwhile, waits for its turn instead of being lost.
 */
export function sendInitiation(
  device: DeviceState,
  peer: Peer,
  { isRetry, nowMs }: { readonly isRetry: boolean; readonly nowMs: number },
): void {
  if (!isRetry) peer.timers.handshakeAttempts = 0;
  if (!device.isUp || device.staticKeys === undefined || peer.endpoint === undefined) return;
  const sentAtMs = peer.handshakeSentAtMs;
  if (sentAtMs !== undefined && Math.abs(nowMs - sentAtMs) < REKEY_TIMEOUT_MS) {
    if (!peer.timers.isArmed('retransmit-handshake')) peer.timers.handshakeInitiated(sentAtMs);
    return;
  }
  peer.handshakeSentAtMs = nowMs;
  if (isRetry) peer.path?.forgetSource();
  dropInitiation(device, peer);
  const localIndex = device.indices.allocate({ kind: 'handshake', peer });
  const made = createInitiation(
    device.deps,
    { local: device.staticKeys, remote: peer },
    { localIndex, timestamp: device.timestamps.next(nowMs) },
  );
  if (made === undefined) {
    device.indices.release(localIndex);
    dropped(device, 'handshake-invalid', peer);
    return;
  }
  peer.initiation = made.state;
  peer.cookies.writeMacs(made.datagram, nowMs);
  peer.counters.initiationsSent++;
  transmit(device, peer, { datagram: made.datagram, nowMs });
  peer.timers.handshakeInitiated(nowMs);
}

/** Answers an initiation and installs the session that this makes. */
export function sendResponse(
  device: DeviceState,
  opened: OpenedInitiation<Peer>,
  nowMs: number,
): PacketVerdict {
  const peer = opened.remote;
  const localIndex = device.indices.allocate({ kind: 'handshake', peer });
  const made = createResponse(device.deps, opened, { localIndex, presharedKey: peer.presharedKey });
  if (!made.ok) {
    device.indices.release(localIndex);
    return dropped(device, made.error, peer);
  }
  const keypair = new Keypair(made.value.session, false, nowMs);
  device.indices.replace(localIndex, { kind: 'session', peer, keypair });
  peer.keypairs.installResponded(keypair);
  peer.timers.sessionDerived(nowMs);
  peer.handshakeSentAtMs = nowMs;
  peer.cookies.writeMacs(made.value.datagram, nowMs);
  peer.counters.responsesSent++;
  transmit(device, peer, { datagram: made.value.datagram, nowMs });
  return TRANSMIT;
}

/** Forgets a handshake of ours that waits for its response. */
export function dropInitiation(device: DeviceState, peer: Peer): void {
  if (peer.initiation === undefined) return;
  device.indices.release(peer.initiation.localIndex);
  peer.initiation.ephemeralPrivate.fill(0);
  peer.initiation = undefined;
}

/** The largest inner packet towards a peer. */
export function peerMtuBytes(device: DeviceState, peer: Peer): number {
  return Math.min(device.mtuBytes, peer.pathMtuBytes ?? device.mtuBytes);
}

function sealAndTransmit(
  device: DeviceState,
  peer: Peer,
  { packet, keypair, nowMs }: { packet: Uint8Array; keypair: Keypair; nowMs: number },
): void {
  const length = paddedLength(packet.length, peerMtuBytes(device, peer));
  const datagram = new Uint8Array(MESSAGE_TRANSPORT_HEADER_BYTES + length + TAG_BYTES);
  const counter = keypair.takeCounter();
  const offset = writeTransportHeader(keypair.remoteIndex, counter, datagram);
  datagram.set(packet, offset);
  const plaintext = datagram.subarray(offset, offset + length);
  device.deps.crypto.seal(keypair.sendKey, counter, plaintext, EMPTY, datagram, offset);
  if (packet.length === 0) peer.counters.keepalivesSent++;
  else peer.counters.txPackets++;
  transmit(device, peer, { datagram, ecn: ecnOf(packet), nowMs });
  if (packet.length > 0) peer.timers.dataSent(nowMs);
  keepSendingKeyFresh(device, peer, { keypair, nowMs });
}

/** Renews a session that has been used long enough: the one who began it, or whoever has used it up. */
export function keepSendingKeyFresh(
  device: DeviceState,
  peer: Peer,
  { keypair, nowMs }: { keypair: Keypair; nowMs: number },
): void {
  const isOld = keypair.isInitiator && keypair.ageMs(nowMs) > REKEY_AFTER_TIME_MS;
  if (isOld || keypair.nSent() > REKEY_AFTER_MESSAGES)
    sendInitiation(device, peer, { isRetry: false, nowMs });
}

function transmit(
  device: DeviceState,
  peer: Peer,
  { datagram, ecn = 0, nowMs }: { datagram: Uint8Array; ecn?: number; nowMs: number },
): void {
  if (peer.endpoint === undefined) {
    dropped(device, 'no-endpoint', peer);
    return;
  }
  peer.timers.anyAuthenticatedPacketSent(nowMs);
  peer.counters.txBytes += datagram.length;
  device.transmits.push({ to: peer.endpoint, datagram, ecn });
}

function usableKeypair(peer: Peer, nowMs: number): Keypair | undefined {
  const { current } = peer.keypairs;
  return current?.maySend(nowMs) === true ? current : undefined;
}
