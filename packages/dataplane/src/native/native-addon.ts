/** The functions of the addon (`addon.c`). Wrong arguments throw. */
import type { DropReason } from '../core/drop-reason.ts';
import type { Offload } from '../ports/data-path.ts';

declare const handle: unique symbol;
declare const key: unique symbol;

/** A device of the addon. */
export interface NativeHandle {
  readonly [handle]: true;
}

/** An X25519 private key of the addon. */
export interface NativeKey {
  readonly [key]: true;
}

/** Offloads, each with the bit that says to do without it. */
export const OFFLOAD_KNOBS: readonly (readonly [Offload, number])[] = [
  ['tso', 1],
  ['uso', 2],
  ['udp-gso', 4],
  ['udp-gro', 8],
];

/** Offloads that the interface took, as bits. */
export const GOT_TSO = 1;
export const GOT_USO = 2;

/** `kind` of an upcall, as in `upcall.h`. */
export const UPCALL = {
  packet: 0,
  datagram: 1,
  roamed: 2,
  confirmed: 3,
  rekey: 4,
  tooLong: 5,
  gone: 6,
  underLoad: 7,
} as const;

/** What the packet path leaves to the core. */
export interface Upcall {
  readonly kind: number;
  /** Peer, local index, or error number. */
  readonly number: number;
  readonly length: number;
  readonly bytes: Uint8Array;
  /** With its zone, as `fe80::1%eth0`. */
  readonly address: string;
  readonly port: number;
}

export interface NativeAddon {
  readonly dropReasons: readonly DropReason[];
  open(
    tun: number,
    mtuBytes: number,
    knobs: number,
    nowMs: number,
    onUpcall: () => void,
  ): { readonly handle: NativeHandle; readonly offloads: number };
  close(device: NativeHandle): void;
  /** Offloads that are not used, as bits of `OFFLOAD_KNOBS`: by wish, or because the kernel refuses them. */
  missingOffloads(device: NativeHandle): number;
  /** 0 or an error number, as all that says `errno`. */
  start(device: NativeHandle): number;
  bind(device: NativeHandle, port: number): { errno: number; port: number; hasGro: boolean };
  closeSockets(device: NativeHandle): void;
  setMark(device: NativeHandle, mark: number): number;
  setMtu(device: NativeHandle, mtuBytes: number): void;
  setReady(device: NativeHandle, isReady: boolean): void;
  setCookieKeys(device: NativeHandle, secret: Uint8Array, mac1Key: Uint8Array, sealKey: Uint8Array): void;
  send(device: NativeHandle, address: string, port: number, datagram: Uint8Array, ecn: number): number;
  write(device: NativeHandle, packet: Uint8Array): boolean;
  addPeer(device: NativeHandle, peer: number): void;
  removePeer(device: NativeHandle, peer: number): void;
  setEndpoint(device: NativeHandle, peer: number, address: string, port: number): boolean;
  /** Lets the system choose the source address again. */
  clearSource(device: NativeHandle, peer: number): void;
  /** 0: that of the device. */
  setPathMtu(device: NativeHandle, peer: number, mtuBytes: number): void;
  setAllowedIp(device: NativeHandle, address: Uint8Array, length: number, peer: number): void;
  removeAllowedIp(device: NativeHandle, address: Uint8Array, length: number): void;
  addKeypair(
    device: NativeHandle,
    peer: number,
    localIndex: number,
    remoteIndex: number,
    sendKey: Uint8Array,
    receiveKey: Uint8Array,
    isInitiator: boolean,
    createdAtMs: number,
  ): void;
  removeKeypair(device: NativeHandle, localIndex: number): void;
  setSending(device: NativeHandle, peer: number, localIndex: number): void;
  takeCounter(device: NativeHandle, localIndex: number): bigint | undefined;
  nSent(device: NativeHandle, localIndex: number): bigint;
  skipTo(device: NativeHandle, localIndex: number, counter: bigint): void;
  noteSent(device: NativeHandle, peer: number, nowMs: number, hasData: boolean): void;
  noteReceived(device: NativeHandle, peer: number, nowMs: number, hasData: boolean): void;
  /** Data sent since, data received since, whether more was received; negative leaves a mark as it is, 0 takes it back. */
  setMarks(
    device: NativeHandle,
    peer: number,
    dataSentSinceMs: number,
    dataReceivedSinceMs: number,
    isMoreReceived: number,
  ): void;
  clearMarks(device: NativeHandle, peer: number): void;
  /** The same three, then last sent, last received; 0: never. */
  readMarks(device: NativeHandle, peer: number, marks: Float64Array): void;
  /** Bytes and packets received and sent (rx, tx, rx, tx), keepalives received, then drops. */
  takeCounters(device: NativeHandle, peer: number, counters: Float64Array): void;
  takeDrops(device: NativeHandle, drops: Float64Array): void;
  takeUpcalls(device: NativeHandle): Upcall[];
  importX25519(privateKey: Uint8Array): NativeKey;
  publicX25519(key: NativeKey): Uint8Array;
  /** Nothing for a low-order point. */
  sharedX25519(key: NativeKey, publicKey: Uint8Array): Uint8Array | undefined;
  blake2s(message: Uint8Array): Uint8Array;
  hmacBlake2s(key: Uint8Array, message: Uint8Array): Uint8Array;
  /** Keyed BLAKE2s of 16 bytes. */
  macBlake2s(key: Uint8Array, message: Uint8Array): Uint8Array;
  /** ChaCha20-Poly1305 with a counter as nonce: ciphertext and tag go to `to`, which may begin at the plaintext. */
  aeadSeal(
    counter: bigint,
    key: Uint8Array,
    plaintext: Uint8Array,
    additionalData: Uint8Array,
    to: Uint8Array,
  ): void;
  /** The inverse of `aeadSeal`; nothing where the tag is wrong. */
  aeadOpen(
    counter: bigint,
    key: Uint8Array,
    sealed: Uint8Array,
    additionalData: Uint8Array,
  ): Uint8Array | undefined;
  /** XChaCha20-Poly1305: ciphertext and tag. */
  xSeal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, additionalData: Uint8Array): Uint8Array;
}
