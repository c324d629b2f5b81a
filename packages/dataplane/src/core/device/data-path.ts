/**
 * What carries packets of established sessions beside the protocol core. The core tells it all that decides where a
 * packet goes; it does the rest by itself, and comes back with whatever needs a handshake, a timer or a decision.
 */
import type { DropReason } from '../drop-reason.ts';
import type { CookieKeys } from '../noise/cookie-checker.ts';
import type { PeerPath } from '../peer/peer-path.ts';
import type { Prefix } from '../peer/allowed-ips.ts';
import type { UdpEndpoint } from '../peer/udp-endpoint.ts';

export interface DataPath {
  addPeer(): PeerPath;

  /** Gives a prefix to a peer, taking it from whoever had it. */
  setAllowedIp(prefix: Prefix, peer: PeerPath): void;

  removeAllowedIp(prefix: Prefix): void;

  setMtu(mtuBytes: number): void;

  /** Whether the device is up and has a private key; nothing is received while it is not. */
  setReady(isReady: boolean): void;

  /**
   * What cookies are made with from now on: where more handshake messages arrive than the core means to answer, those
   * with a cookie in their mac2 pass, and the data path itself answers others with one.
   */
  setCookieKeys(keys: CookieKeys): void;

  /** What it dropped since it was asked last. */
  takeDrops(): Partial<Record<DropReason, number>>;
}

/** What a data path tells the core. */
export type DataPathEvent =
  /** An authenticated message came from another endpoint, to which is sent from now on. */
  | { readonly kind: 'roamed'; readonly peer: PeerPath; readonly endpoint: UdpEndpoint }
  /** The first message was read with a session that we answered; it is sent with from now on. */
  | { readonly kind: 'confirmed'; readonly localIndex: number }
  /** A session was used that may have to be renewed. */
  | { readonly kind: 'session-used'; readonly peer: PeerPath; readonly by: 'sending' | 'receiving' }
  /** More handshake messages arrive than are passed on to the core; told at least every half second while it is so. */
  | { readonly kind: 'under-load' }
  /** The path takes no datagrams of this length in one piece. */
  | { readonly kind: 'too-long'; readonly peer: PeerPath; readonly datagramBytes: number };
