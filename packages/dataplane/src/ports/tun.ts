/** IP interfaces as a seam. Adapters: `io/linux` (a TUN device), `io/memory` (a pipe to a router or a test). */

export interface TunHandlers {
  /** IP packets that the interface sends, in order. The bytes belong to the receiver. */
  readonly onPackets: (batch: readonly Uint8Array[]) => void;
  /** The interface went up or down, or its MTU changed. */
  readonly onLinkChanged: (link: TunLink) => void;
  /** The interface was removed from outside; the device is closed. */
  readonly onGone: (message: string) => void;
}

export interface TunLink {
  readonly isUp: boolean;
  readonly mtuBytes: number;
}

export interface TunDevice {
  readonly name: string;

  link(): TunLink;

  /** Changes the MTU; false where the system refuses. */
  setMtu(mtuBytes: number): boolean;

  /** Begins to deliver packets and changes. */
  start(handlers: TunHandlers): void;

  /** Gives packets to the interface, whatever its MTU. How many it took: while it is down they are lost. */
  write(packets: readonly Uint8Array[]): number;

  /** Ends delivery and closes the device. A persistent one stays, with its addresses and routes. */
  close(): Promise<void>;

  /** Closes the device and takes the interface away, also a persistent one. */
  remove(): Promise<void>;
}
