/** The interface of a device whose packets the addon carries; the core sees those that it is asked about. */
import type { LinuxTunDevice } from '../io/linux/tun-device.ts';
import type { TunDevice, TunHandlers, TunLink } from '../ports/tun.ts';
import type { NativeAddon, NativeHandle } from './native-addon.ts';

export interface NativeTunDeps {
  readonly addon: NativeAddon;
  readonly handle: NativeHandle;
  readonly tun: LinuxTunDevice;
  readonly isClosed: () => boolean;
  /** Stops the addon's threads; called before the descriptor is closed. */
  readonly close: () => void;
}

export class NativeTun implements TunDevice {
  readonly name: string;
  readonly #deps: NativeTunDeps;
  #onPackets: TunHandlers['onPackets'] = () => {};

  constructor(deps: NativeTunDeps) {
    this.#deps = deps;
    this.name = deps.tun.name;
  }

  link(): TunLink {
    return this.#deps.tun.link();
  }

  setMtu(mtuBytes: number): boolean {
    return this.#deps.tun.setMtu(mtuBytes);
  }

  start(handlers: TunHandlers): void {
    const { addon, handle, tun } = this.#deps;
    this.#onPackets = handlers.onPackets;
    tun.watch(handlers);
    const errno = addon.start(handle);
    if (errno !== 0) throw new Error(`cannot start a thread: error ${errno}`);
  }

  write(packets: readonly Uint8Array[]): number {
    const { addon, handle, isClosed } = this.#deps;
    if (isClosed()) return 0;
    return packets.filter((packet) => addon.write(handle, packet)).length;
  }

  async close(): Promise<void> {
    this.#onPackets = () => {};
    this.#deps.close();
    await this.#deps.tun.close();
  }

  async remove(): Promise<void> {
    this.#onPackets = () => {};
    this.#deps.close();
    await this.#deps.tun.remove();
  }

  /** Packets that the core has to see to. */
  deliver(packets: readonly Uint8Array[]): void {
    this.#onPackets(packets);
  }

  /** The addon found that the device was removed. */
  gone(errno: number): void {
    this.#onPackets = () => {};
    this.#deps.close();
    this.#deps.tun.failed(errno);
  }
}
