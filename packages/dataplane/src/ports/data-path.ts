/** A data path beside the protocol core, as the event loop of a device sees it. Adapter: `native`. */
import type { DataPath, DataPathEvent } from '../core/device/data-path.ts';

export interface DataPathPort extends DataPath {
  /** Begins to tell events, in order with the packets and datagrams that it leaves to the core. */
  start(onEvent: (event: DataPathEvent) => void): void;

  /** Offloads of the kernel that it does without: as it was told to, or because the kernel refuses them. */
  missingOffloads(): readonly Offload[];
}

/** What the kernel can do for many packets at once. */
export type Offload = 'tso' | 'uso' | 'udp-gso' | 'udp-gro';

/** Which way the packets of a device take, and why not the faster one. */
export interface PacketPath {
  readonly kind: 'native' | 'portable';
  readonly reason?: string;
  /** Offloads that a native path does without. @default none */
  readonly without?: readonly Offload[];
}
