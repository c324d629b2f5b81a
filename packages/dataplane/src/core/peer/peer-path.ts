/** A peer as a data path beside the core knows it. */
import type { DropReason } from '../drop-reason.ts';
import type { Keypair, SendCounter } from '../noise/keypairs.ts';
import type { PeerCounters } from './peer-counters.ts';
import type { TrafficMarks } from './traffic-marks.ts';
import type { UdpEndpoint } from './udp-endpoint.ts';

/** What a data path counted for a peer. */
export interface PeerPathCounts {
  readonly counters: Partial<PeerCounters>;
  readonly drops: Partial<Record<DropReason, number>>;
}

export interface PeerPath {
  readonly marks: TrafficMarks;

  setEndpoint(endpoint: UdpEndpoint): void;

  /** Answers from any of our addresses, not from the one that the peer had sent to. */
  forgetSource(): void;

  /** The largest inner packet, where that is less than the device's MTU. */
  setMtu(mtuBytes: number | undefined): void;

  /** Takes a session in, to receive with. Gives the counter from which both take. */
  addKeypair(keypair: Keypair): SendCounter;

  /** Sends with a session from now on. */
  setSending(keypair: Keypair): void;

  /** Erases a session. */
  removeKeypair(keypair: Keypair): void;

  /** What was counted since the last time. */
  takeCounts(): PeerPathCounts;

  /** Forgets the peer; its allowed IPs and sessions are gone already. */
  remove(): void;
}
