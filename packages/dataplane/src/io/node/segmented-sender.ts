import type { IpAddress } from '@flatland/shared/address/ip';
import { sameEndpoint, type UdpEndpoint } from '../../core/peer/udp-endpoint.ts';
import { socketAddress } from '../linux/socket-connect.ts';
import type { Libc } from '../linux/tun-libc.ts';
import { setSegmentBytes } from './linux-udp-fd.ts';

const MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;
/** What the oldest kernels with `UDP_SEGMENT` take at once. */
const MAX_SEGMENTS = 64;
/** The longest payload of UDP over IPv4. */
const MAX_BYTES = 65_507;
const MAX_KEPT_ADDRESSES = 1_024;

/** Sends datagrams that could not go together, in whatever way the caller has, through a socket that cuts nothing. */
export type SendSingly = (to: UdpEndpoint, datagrams: readonly Uint8Array[]) => void;

/**
 * Sends datagrams of a Linux socket many at a time: those that follow one another to one endpoint with one length, and a
 * shorter last one, leave by one call, and the kernel or the network card cuts them apart (`UDP_SEGMENT`, udp(7)). What it
 * gathers leaves when the caller's turn ends.
 */
export class SegmentedSender {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #family: 4 | 6;
  readonly #sendSingly: SendSingly;
  readonly #bytes = new Uint8Array(MAX_BYTES);
  readonly #addresses = new Map<string, Uint8Array>();
  #to: UdpEndpoint | undefined;
  #length = 0;
  #segmentBytes = 0;
  #nSegments = 0;
  #isScheduled = false;
  /** What the socket cuts into now; 0: nothing. */
  #cutsIntoBytes = 0;
  #mayCut = true;

  constructor(libc: Libc, fd: number, family: 4 | 6, sendSingly: SendSingly) {
    this.#libc = libc;
    this.#fd = fd;
    this.#family = family;
    this.#sendSingly = sendSingly;
  }

  /** Sends a datagram, at the latest when this turn of the caller's ends. Its bytes may change at once. */
  send(to: UdpEndpoint, datagram: Uint8Array): void {
    if (!this.#follows(to, datagram)) {
      this.flush();
      if (datagram.length > MAX_BYTES || datagram.length === 0 || to.zone !== '')
        return this.#sendAlone(to, [datagram]);
      this.#to = to;
      this.#segmentBytes = datagram.length;
    }
    this.#bytes.set(datagram, this.#length);
    this.#length += datagram.length;
    this.#nSegments++;
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(() => {
      this.#isScheduled = false;
      this.flush();
    });
  }

  /** Sends what was gathered. */
  flush(): void {
    const to = this.#to;
    if (to === undefined) return;
    if (!this.#sendAll(to)) {
      const pieces: Uint8Array[] = [];
      for (let from = 0; from < this.#length; from += this.#segmentBytes)
        pieces.push(this.#bytes.slice(from, Math.min(from + this.#segmentBytes, this.#length)));
      this.#sendAlone(to, pieces);
    }
    this.#to = undefined;
    this.#length = this.#nSegments = 0;
  }

  /** Sends what was gathered, and has the socket cut nothing that others send through it. */
  release(): void {
    this.flush();
    this.#cutInto(0);
  }

  #sendAlone(to: UdpEndpoint, datagrams: readonly Uint8Array[]): void {
    this.#cutInto(0);
    this.#sendSingly(to, datagrams);
  }

  #follows(to: UdpEndpoint, datagram: Uint8Array): boolean {
    return (
      this.#mayCut &&
      sameEndpoint(this.#to, to) &&
      datagram.length > 0 &&
      datagram.length <= this.#segmentBytes &&
      this.#length % this.#segmentBytes === 0 &&
      this.#length + datagram.length <= MAX_BYTES &&
      this.#nSegments < MAX_SEGMENTS
    );
  }

  /** One call for what was gathered; whether the kernel took it. */
  #sendAll(to: UdpEndpoint): boolean {
    if (this.#nSegments > 1) {
      if (!this.#cutInto(this.#segmentBytes)) return false;
    } else if (this.#segmentBytes > this.#cutsIntoBytes) this.#cutInto(0);
    const address = this.#addressOf(to.address, to.port);
    const bytes = this.#bytes.subarray(0, this.#length);
    const { length } = address;
    return (
      this.#libc.sendto(this.#fd, bytes, this.#length, MSG_DONTWAIT_NOSIGNAL, address, length) ===
      this.#length
    );
  }

  #cutInto(bytes: number): boolean {
    if (bytes === this.#cutsIntoBytes) return true;
    this.#mayCut &&= setSegmentBytes(this.#libc, this.#fd, bytes);
    if (this.#mayCut) this.#cutsIntoBytes = bytes;
    return this.#mayCut;
  }

  #addressOf(address: IpAddress, port: number): Uint8Array {
    const key = `${address} ${port}`;
    const known = this.#addresses.get(key);
    if (known !== undefined) return known;
    const made = socketAddress(address, port, this.#family);
    if (this.#addresses.size >= MAX_KEPT_ADDRESSES) this.#addresses.clear();
    this.#addresses.set(key, made);
    return made;
  }
}
