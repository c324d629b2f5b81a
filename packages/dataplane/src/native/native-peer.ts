/** A peer in the packet path of the addon. */
import type { Keypair, SendCounter } from '../core/noise/keypairs.ts';
import type { PeerPath, PeerPathCounts } from '../core/peer/peer-path.ts';
import type { TrafficMarks } from '../core/peer/traffic-marks.ts';
import type { UdpEndpoint } from '../core/peer/udp-endpoint.ts';
import type { NativeAddon, NativeHandle } from './native-addon.ts';
import { countsOf, EMPTY_COUNTS } from './native-counts.ts';
import { NativeTrafficMarks } from './native-traffic-marks.ts';

/** The addon's device that a peer belongs to. */
export interface NativeOwner {
  readonly addon: NativeAddon;
  readonly handle: NativeHandle;
  isClosed(): boolean;
  forget(peer: NativePeer): void;
}

export class NativePeer implements PeerPath {
  readonly id: number;
  readonly marks: TrafficMarks;
  readonly #owner: NativeOwner;

  constructor(owner: NativeOwner, id: number) {
    this.#owner = owner;
    this.id = id;
    this.marks = new NativeTrafficMarks(owner, id);
    owner.addon.addPeer(owner.handle, id);
  }

  setEndpoint({ address, zone, port }: UdpEndpoint): void {
    const text = zone === '' ? address : `${address}%${zone}`;
    this.#do((addon, handle) => addon.setEndpoint(handle, this.id, text, port));
  }

  forgetSource(): void {
    this.#do((addon, handle) => addon.clearSource(handle, this.id));
  }

  setMtu(mtuBytes: number | undefined): void {
    this.#do((addon, handle) => addon.setPathMtu(handle, this.id, mtuBytes ?? 0));
  }

  addKeypair(keypair: Keypair): SendCounter {
    const { localIndex, remoteIndex, sendKey, receiveKey, isInitiator, createdAtMs } = keypair;
    this.#do((addon, handle) =>
      addon.addKeypair(
        handle,
        this.id,
        localIndex,
        remoteIndex,
        sendKey,
        receiveKey,
        isInitiator,
        createdAtMs,
      ),
    );
    const { addon, handle } = this.#owner;
    const isClosed = () => this.#owner.isClosed();
    return {
      take: () => (isClosed() ? undefined : addon.takeCounter(handle, localIndex)),
      nTaken: () => (isClosed() ? 2n ** 64n - 1n : addon.nSent(handle, localIndex)),
      skipTo: (counter) => {
        if (!isClosed()) addon.skipTo(handle, localIndex, counter);
      },
    };
  }

  setSending({ localIndex }: Keypair): void {
    this.#do((addon, handle) => addon.setSending(handle, this.id, localIndex));
  }

  removeKeypair({ localIndex }: Keypair): void {
    this.#do((addon, handle) => addon.removeKeypair(handle, localIndex));
  }

  takeCounts(): PeerPathCounts {
    const { addon, handle } = this.#owner;
    return this.#owner.isClosed() ? EMPTY_COUNTS : countsOf(addon, handle, this.id);
  }

  remove(): void {
    this.#do((addon, handle) => addon.removePeer(handle, this.id));
    this.#owner.forget(this);
  }

  /** A device that is closed has no peers any more. */
  #do(work: (addon: NativeAddon, handle: NativeHandle) => void): void {
    if (!this.#owner.isClosed()) work(this.#owner.addon, this.#owner.handle);
  }
}
