/** The tables of the addon, as the protocol core fills them. */
import type { DataPathEvent } from '../core/device/data-path.ts';
import type { CookieKeys } from '../core/noise/cookie-checker.ts';
import type { DropReason } from '../core/drop-reason.ts';
import type { Prefix } from '../core/peer/allowed-ips.ts';
import type { PeerPath } from '../core/peer/peer-path.ts';
import type { DataPathPort, Offload } from '../ports/data-path.ts';
import { dropsOf } from './native-counts.ts';
import { OFFLOAD_KNOBS, type NativeAddon, type NativeHandle } from './native-addon.ts';
import { NativePeer, type NativeOwner } from './native-peer.ts';

export class NativeDataPath implements DataPathPort, NativeOwner {
  readonly addon: NativeAddon;
  readonly handle: NativeHandle;
  readonly #isClosed: () => boolean;
  readonly #peers = new Map<number, NativePeer>();
  /** Ids of peers that are gone. */
  readonly #freeIds: number[] = [];
  #onEvent: (event: DataPathEvent) => void = () => {};

  constructor(addon: NativeAddon, handle: NativeHandle, isClosed: () => boolean) {
    this.addon = addon;
    this.handle = handle;
    this.#isClosed = isClosed;
  }

  isClosed(): boolean {
    return this.#isClosed();
  }

  start(onEvent: (event: DataPathEvent) => void): void {
    this.#onEvent = onEvent;
  }

  tell(event: DataPathEvent): void {
    this.#onEvent(event);
  }

  peer(id: number): NativePeer | undefined {
    return this.#peers.get(id);
  }

  addPeer(): PeerPath {
    const peer = new NativePeer(this, this.#freeIds.pop() ?? this.#peers.size);
    this.#peers.set(peer.id, peer);
    return peer;
  }

  forget(peer: NativePeer): void {
    if (this.#peers.delete(peer.id)) this.#freeIds.push(peer.id);
  }

  setAllowedIp({ bytes, length }: Prefix, peer: PeerPath): void {
    if (!(peer instanceof NativePeer)) throw new Error('the peer is of another data path');
    if (!this.#isClosed()) this.addon.setAllowedIp(this.handle, bytes, length, peer.id);
  }

  removeAllowedIp({ bytes, length }: Prefix): void {
    if (!this.#isClosed()) this.addon.removeAllowedIp(this.handle, bytes, length);
  }

  setMtu(mtuBytes: number): void {
    if (!this.#isClosed()) this.addon.setMtu(this.handle, mtuBytes);
  }

  setReady(isReady: boolean): void {
    if (!this.#isClosed()) this.addon.setReady(this.handle, isReady);
  }

  setCookieKeys({ secret, mac1Key, sealKey }: CookieKeys): void {
    if (!this.#isClosed()) this.addon.setCookieKeys(this.handle, secret, mac1Key, sealKey);
  }

  takeDrops(): Partial<Record<DropReason, number>> {
    return this.#isClosed() ? {} : dropsOf(this.addon, this.handle);
  }

  missingOffloads(): readonly Offload[] {
    const bits = this.#isClosed() ? 0 : this.addon.missingOffloads(this.handle);
    return OFFLOAD_KNOBS.filter(([, knob]) => (bits & knob) !== 0).map(([offload]) => offload);
  }
}
