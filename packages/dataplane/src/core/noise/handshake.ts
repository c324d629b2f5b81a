/**
 * Noise_IKpsk2 as WireGuard uses it (paper, section 5.4). Pure: each function takes a message or makes one and
 * gives the state for the next. An initiator's state is untouched by messages that do not authenticate.
 *
 * A responder keeps no state: its session exists as soon as it has answered. So two peers that start at the same
 * moment both answer, both complete, and each can read what the other sends.
 */
import { err, ok, type Result } from '@flatland/shared/result';
import type { DropReason } from '../drop-reason.ts';
import { copyBytes, EMPTY } from './bytes.ts';
import { MESSAGE_INITIATION_BYTES, MESSAGE_RESPONSE_BYTES } from './constants.ts';
import type { RandomBytes, WireGuardCrypto } from './crypto.ts';
import { clampPrivateKey, type SecretKey } from './keys.ts';
import {
  writeMessageInitiation,
  writeMessageResponse,
  type MessageInitiation,
  type MessageResponse,
} from './messages.ts';
import { SymmetricState } from './symmetric-state.ts';

/** Our side: the key pair of a device. */
export interface StaticKeys {
  readonly privateKey: SecretKey;
  readonly publicKey: Uint8Array;
}

/** The other side: what a handshake needs to know of a peer. */
export interface RemoteStatic {
  readonly publicKeyBytes: Uint8Array;
  /** Shared secret of both static keys; nothing where the peer's key is a low-order point. */
  readonly staticStatic: Uint8Array | undefined;
}

/** What an initiator remembers until the response. */
export interface InitiatorState {
  readonly localIndex: number;
  readonly ephemeralPrivate: Uint8Array;
  readonly symmetric: SymmetricState;
}

/** What a responder has read from an initiation. */
export interface OpenedInitiation<Remote> {
  readonly remote: Remote;
  readonly remoteIndex: number;
  readonly remoteEphemeral: Uint8Array;
  readonly timestamp: Uint8Array;
  readonly symmetric: SymmetricState;
}

/** The outcome of a handshake. */
export interface SessionKeys {
  readonly localIndex: number;
  readonly remoteIndex: number;
  readonly sendKey: Uint8Array;
  readonly receiveKey: Uint8Array;
}

export interface HandshakeDeps {
  readonly crypto: WireGuardCrypto;
  readonly random: RandomBytes;
}

/** Makes the first message (without MACs); nothing where the peer's key is unusable. */
export function createInitiation(
  { crypto, random }: HandshakeDeps,
  { local, remote }: { readonly local: StaticKeys; readonly remote: RemoteStatic },
  { localIndex, timestamp }: { readonly localIndex: number; readonly timestamp: Uint8Array },
): { readonly state: InitiatorState; readonly datagram: Uint8Array } | undefined {
  const { publicKeyBytes, staticStatic } = remote;
  const ephemeralPrivate = clampPrivateKey(random(32)).expose();
  const ephemeral = crypto.publicKey(ephemeralPrivate);
  const ephemeralStatic = crypto.sharedSecret(ephemeralPrivate, publicKeyBytes);
  if (staticStatic === undefined || ephemeralStatic === undefined) return undefined;

  const symmetric = SymmetricState.start(crypto, publicKeyBytes);
  symmetric.mixEphemeral(ephemeral);
  symmetric.mixKey(ephemeralStatic);
  const encryptedStatic = symmetric.seal(local.publicKey);
  symmetric.mixKey(staticStatic);
  const encryptedTimestamp = symmetric.seal(timestamp);

  const datagram = new Uint8Array(MESSAGE_INITIATION_BYTES);
  writeMessageInitiation({ sender: localIndex, ephemeral, encryptedStatic, encryptedTimestamp }, datagram);
  return { state: { localIndex, ephemeralPrivate, symmetric }, datagram };
}

/** Reads an initiation: who sent it, when, and the state to answer from. */
export function openInitiation<Remote extends RemoteStatic>(
  crypto: WireGuardCrypto,
  { message, local }: { readonly message: MessageInitiation; readonly local: StaticKeys },
  findRemote: (publicKey: Uint8Array) => Remote | undefined,
): Result<OpenedInitiation<Remote>, DropReason> {
  const symmetric = SymmetricState.start(crypto, local.publicKey);
  symmetric.mixEphemeral(message.ephemeral);
  const ephemeralStatic = crypto.sharedSecret(local.privateKey.expose(), message.ephemeral);
  if (ephemeralStatic === undefined) return err('handshake-invalid');
  symmetric.mixKey(ephemeralStatic);
  const publicKey = symmetric.open(message.encryptedStatic);
  if (publicKey === undefined) return err('handshake-invalid');

  const remote = findRemote(publicKey);
  if (remote === undefined) return err('unknown-peer');
  if (remote.staticStatic === undefined) return err('handshake-invalid');
  symmetric.mixKey(remote.staticStatic);
  const timestamp = symmetric.open(message.encryptedTimestamp);
  if (timestamp === undefined) return err('handshake-invalid');
  return ok({
    remote,
    remoteIndex: message.sender,
    remoteEphemeral: copyBytes(message.ephemeral),
    timestamp,
    symmetric,
  });
}

/** Answers an initiation: the second message (without MACs) and the responder's session. */
export function createResponse(
  { crypto, random }: HandshakeDeps,
  opened: OpenedInitiation<RemoteStatic>,
  { localIndex, presharedKey }: { readonly localIndex: number; readonly presharedKey: SecretKey },
): Result<{ readonly datagram: Uint8Array; readonly session: SessionKeys }, DropReason> {
  const { symmetric, remoteIndex } = opened;
  const ephemeralPrivate = clampPrivateKey(random(32)).expose();
  const ephemeral = crypto.publicKey(ephemeralPrivate);
  symmetric.mixEphemeral(ephemeral);
  for (const remoteKey of [opened.remoteEphemeral, opened.remote.publicKeyBytes]) {
    const secret = crypto.sharedSecret(ephemeralPrivate, remoteKey);
    if (secret === undefined) return err('handshake-invalid');
    symmetric.mixKey(secret);
  }
  symmetric.mixPresharedKey(presharedKey.expose());
  const encryptedNothing = symmetric.seal(EMPTY);
  ephemeralPrivate.fill(0);

  const datagram = new Uint8Array(MESSAGE_RESPONSE_BYTES);
  writeMessageResponse({ sender: localIndex, receiver: remoteIndex, ephemeral, encryptedNothing }, datagram);
  const [receiveKey, sendKey] = symmetric.split();
  return ok({ datagram, session: { localIndex, remoteIndex, sendKey, receiveKey } });
}

/** Reads the response to an initiation of ours and gives the initiator's session. */
export function openResponse(
  crypto: WireGuardCrypto,
  { message, state }: { readonly message: MessageResponse; readonly state: InitiatorState },
  { local, presharedKey }: { readonly local: StaticKeys; readonly presharedKey: SecretKey },
): Result<SessionKeys, DropReason> {
  const symmetric = state.symmetric.clone();
  symmetric.mixEphemeral(message.ephemeral);
  for (const privateKey of [state.ephemeralPrivate, local.privateKey.expose()]) {
    const secret = crypto.sharedSecret(privateKey, message.ephemeral);
    if (secret === undefined) return err('handshake-invalid');
    symmetric.mixKey(secret);
  }
  symmetric.mixPresharedKey(presharedKey.expose());
  if (symmetric.open(message.encryptedNothing) === undefined) return err('handshake-invalid');

  const [sendKey, receiveKey] = symmetric.split();
  return ok({ localIndex: state.localIndex, remoteIndex: message.sender, sendKey, receiveKey });
}
