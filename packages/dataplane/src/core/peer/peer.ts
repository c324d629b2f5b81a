/** Everything that a device keeps about one peer. */
import type { HandshakeDeps, InitiatorState, RemoteStatic } from '../noise/handshake.ts';
import { CookieGenerator } from '../noise/cookie-generator.ts';
import { KEY_BYTES, TIMESTAMP_BYTES } from '../noise/constants.ts';
import { publicKeyBytes, SecretKey, type PublicKey } from '../noise/keys.ts';
import { KeypairSet, type Keypair } from '../noise/keypairs.ts';
import { DropCounters } from './drop-counters.ts';
import { newPeerCounters, type PeerCounters } from './peer-counters.ts';
import { PeerTimers, rekeyJitterMs } from './peer-timers.ts';
import type { PeerPath } from './peer-path.ts';
import { StagedPackets } from './staged-packets.ts';
import type { UdpEndpoint } from './udp-endpoint.ts';

export interface Peer extends RemoteStatic {
  readonly publicKey: PublicKey;
  readonly keypairs: KeypairSet;
  readonly cookies: CookieGenerator;
  readonly timers: PeerTimers;
  readonly staged: StagedPackets;
  readonly counters: PeerCounters;
  readonly drops: DropCounters;
  /** The peer in the data path beside the core, where there is one. */
  readonly path: PeerPath | undefined;
  staticStatic: Uint8Array | undefined;
  presharedKey: SecretKey;
  endpoint: UdpEndpoint | undefined;
  /** The handshake that we began and that waits for its response. */
  initiation: InitiatorState | undefined;
  /** Timestamp of the newest initiation accepted; older ones are replays. */
  greatestTimestamp: Uint8Array;
  initiationAcceptedAtMs: number | undefined;
  handshakeSentAtMs: number | undefined;
  /** When the last handshake completed. */
  handshakeAtMs: number | undefined;
  /** Largest inner packet that the path to the peer is known to carry, where less than the device's MTU. */
  pathMtuBytes: number | undefined;
}

/** What a peer tells its device. */
export interface PeerListener {
  readonly onKeypairRemoved: (keypair: Keypair) => void;
  readonly onTimerArmed: (deadlineMs: number) => void;
}

export function createPeer(
  deps: HandshakeDeps,
  publicKey: PublicKey,
  { path, ...listener }: PeerListener & { readonly path: PeerPath | undefined },
): Peer {
  const bytes = publicKeyBytes(publicKey);
  return {
    publicKey,
    publicKeyBytes: bytes,
    keypairs: new KeypairSet({
      onInstalled: (keypair) => {
        if (path !== undefined) keypair.shareCounter(path.addKeypair(keypair));
      },
      onCurrent: (keypair) => path?.setSending(keypair),
      onRemoved: (keypair) => {
        path?.removeKeypair(keypair);
        listener.onKeypairRemoved(keypair);
      },
    }),
    cookies: new CookieGenerator(deps.crypto, bytes),
    timers: new PeerTimers(() => rekeyJitterMs(deps.random), listener.onTimerArmed, path?.marks),
    staged: new StagedPackets(),
    counters: newPeerCounters(),
    drops: new DropCounters(),
    path,
    staticStatic: undefined,
    presharedKey: new SecretKey(new Uint8Array(KEY_BYTES)),
    endpoint: undefined,
    initiation: undefined,
    greatestTimestamp: new Uint8Array(TIMESTAMP_BYTES),
    initiationAcceptedAtMs: undefined,
    handshakeSentAtMs: undefined,
    handshakeAtMs: undefined,
    pathMtuBytes: undefined,
  };
}

/** Sends to another endpoint from now on; what was known of the path to the old one is forgotten. */
export function movePeer(peer: Peer, endpoint: UdpEndpoint): void {
  peer.endpoint = endpoint;
  peer.pathMtuBytes = undefined;
  peer.path?.setEndpoint(endpoint);
  peer.path?.setMtu(undefined);
}
