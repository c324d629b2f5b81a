/** An IP interface in memory: what a test, or the in-memory router, puts in comes out at the device, and back. */
import { DEFAULT_MTU_BYTES } from '../../core/noise/constants.ts';
import type { TunDevice, TunHandlers, TunLink } from '../../ports/tun.ts';

export class MemoryTun implements TunDevice {
  readonly name: string;
  #link: TunLink;
  #handlers: TunHandlers | undefined;
  #onPacket: (packet: Uint8Array) => void;
  #isClosed = false;

  /** `onPacket` gets what the device writes to the interface. */
  constructor(
    name: string,
    onPacket: (packet: Uint8Array) => void = () => {},
    mtuBytes: number = DEFAULT_MTU_BYTES,
  ) {
    this.name = name;
    this.#onPacket = onPacket;
    this.#link = { isUp: true, mtuBytes };
  }

  link(): TunLink {
    return this.#link;
  }

  setMtu(mtuBytes: number): boolean {
    if (mtuBytes !== this.#link.mtuBytes) this.setLink({ mtuBytes });
    return true;
  }

  start(handlers: TunHandlers): void {
    this.#handlers = handlers;
  }

  write(packets: readonly Uint8Array[]): number {
    if (!this.#link.isUp || this.#isClosed) return 0;
    for (const packet of packets) this.#onPacket(packet);
    return packets.length;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#handlers = undefined;
  }

  async remove(): Promise<void> {
    await this.close();
  }

  /** Sends packets through the interface, as the host's routing would; those that do not fit it are lost. */
  inject(...packets: readonly Uint8Array[]): void {
    if (!this.#link.isUp) return;
    this.#handlers?.onPackets(packets.filter((packet) => packet.length <= this.#link.mtuBytes));
  }

  /** Puts the interface up or down, or changes its MTU. */
  setLink(link: Partial<TunLink>): void {
    this.#link = { ...this.#link, ...link };
    this.#handlers?.onLinkChanged(this.#link);
  }

  /** Lets another one get what the device writes. */
  onPacket(listener: (packet: Uint8Array) => void): void {
    this.#onPacket = listener;
  }
}
