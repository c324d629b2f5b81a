/** What the parts of a device share. Only files of this folder see it. */
import type { DropReason, PacketVerdict } from '../drop-reason.ts';
import { drop } from '../drop-reason.ts';
import type { CookieChecker } from '../noise/cookie-checker.ts';
import type { HandshakeDeps, StaticKeys } from '../noise/handshake.ts';
import type { Keypair } from '../noise/keypairs.ts';
import type { PublicKey } from '../noise/keys.ts';
import type { TimestampSource } from '../noise/tai64n.ts';
import type { AllowedIps } from '../peer/allowed-ips.ts';
import type { DropCounters } from '../peer/drop-counters.ts';
import type { IndexTable } from '../peer/index-table.ts';
import type { LoadMeter } from '../peer/load-meter.ts';
import type { Peer } from '../peer/peer.ts';
import type { PeerPath } from '../peer/peer-path.ts';
import type { SourceLimiter } from '../peer/source-limiter.ts';
import type { UdpEndpoint } from '../peer/udp-endpoint.ts';
import type { DataPath } from './data-path.ts';

/** A datagram to send. */
export interface Transmit {
  readonly to: UdpEndpoint;
  readonly datagram: Uint8Array;
  /** ECN bits of the inner packet, for the outer header (RFC 6040). @default 0 */
  readonly ecn?: number;
}

/** Something that whoever runs the device may want to know. */
export type DeviceEvent =
  | { readonly kind: 'handshake-complete'; readonly peer: PublicKey }
  | { readonly kind: 'handshake-abandoned'; readonly peer: PublicKey }
  | { readonly kind: 'endpoint-changed'; readonly peer: PublicKey; readonly endpoint: UdpEndpoint }
  | { readonly kind: 'keys-erased'; readonly peer: PublicKey }
  | { readonly kind: 'path-mtu-lowered'; readonly peer: PublicKey; readonly mtuBytes: number }
  | { readonly kind: 'path-mtu-raised'; readonly peer: PublicKey };

/** What a receiver index stands for. */
export type IndexEntry =
  | { readonly kind: 'handshake'; readonly peer: Peer }
  | { readonly kind: 'session'; readonly peer: Peer; readonly keypair: Keypair };

export interface DeviceState {
  readonly deps: HandshakeDeps;
  /** What carries packets beside the core, where there is something. */
  readonly path: DataPath | undefined;
  readonly timestamps: TimestampSource;
  readonly peers: Map<PublicKey, Peer>;
  /** The same, as the data path beside the core knows them. */
  readonly peersByPath: Map<PeerPath, Peer>;
  readonly allowedIps: AllowedIps<Peer>;
  readonly indices: IndexTable<IndexEntry>;
  readonly sourceLimiter: SourceLimiter;
  readonly loadMeter: LoadMeter;
  readonly drops: DropCounters;
  readonly transmits: Transmit[];
  readonly packets: Uint8Array[];
  readonly events: DeviceEvent[];
  staticKeys: StaticKeys | undefined;
  cookieChecker: CookieChecker | undefined;
  listenPort: number;
  fwmark: number;
  mtuBytes: number;
  isUp: boolean;
  /** Never later than the earliest timer of any peer; exact after `handleTimeout`. */
  deadlineMs: number | undefined;
}

/** Counts a drop for the device, and for the peer where one is known. */
export function dropped(device: DeviceState, reason: DropReason, peer?: Peer, n = 1): PacketVerdict {
  device.drops.add(reason, n);
  peer?.drops.add(reason, n);
  return drop(reason);
}
