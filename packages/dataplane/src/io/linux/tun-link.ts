/** Follows the state of a TUN device's link, wherever the device is moved and whatever it is renamed to. */
import type { TunLink } from '../../ports/tun.ts';
import type { Libc } from './tun-libc.ts';
import { inNamespaceOf } from './tun-namespace.ts';
import { processPoller } from './tun-poller.ts';

const AF_INET = 2;
const AF_NETLINK = 16;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const SOCK_RAW_NONBLOCK_CLOEXEC = 3 | 0o4000 | 0o2000000;
const NETLINK_ROUTE = 0;
const RTMGRP_LINK = 1;
const TUNGETIFF = 0x8004_54d2;
const TUNGETDEVNETNS = 0x54e3;
const SIOCGIFFLAGS = 0x8913;
const SIOCGIFMTU = 0x8921;
const SIOCSIFMTU = 0x8922;
const IFF_UP = 1;
const IFREQ_BYTES = 40;
const NAME_BYTES = 16;

export class TunLinkWatch {
  readonly #libc: Libc;
  readonly #tun: number;
  #query = -1;
  #netlink = -1;
  #link: TunLink = { isUp: false, mtuBytes: 0 };
  #onChanged: ((link: TunLink) => void) | undefined;

  constructor(libc: Libc, tun: number) {
    this.#libc = libc;
    this.#tun = tun;
    this.#refresh();
  }

  link(): TunLink {
    return this.#link;
  }

  /** Name of the device as it is called at the moment; nothing when it is gone. */
  name(): string | undefined {
    return readTunInterface(this.#libc, this.#tun)?.name;
  }

  start(onChanged: (link: TunLink) => void): void {
    this.#onChanged = onChanged;
  }

  /** Sets the device's MTU; false where the kernel refuses. */
  setMtu(mtuBytes: number): boolean {
    const isSet = this.#request(SIOCSIFMTU, mtuBytes) !== undefined;
    this.#refresh();
    return isSet;
  }

  close(): void {
    this.#onChanged = undefined;
    this.#closeSockets();
  }

  #refresh(): void {
    let flags = this.#request(SIOCGIFFLAGS);
    if (flags === undefined) {
      this.#openSockets();
      flags = this.#request(SIOCGIFFLAGS);
    }
    const mtuBytes = this.#request(SIOCGIFMTU);
    const link = {
      isUp: flags !== undefined && (flags & IFF_UP) !== 0,
      mtuBytes: mtuBytes ?? this.#link.mtuBytes,
    };
    const isSame = link.isUp === this.#link.isUp && link.mtuBytes === this.#link.mtuBytes;
    this.#link = link;
    if (!isSame) this.#onChanged?.(link);
  }

  /** Opens the sockets anew in the namespace that the device is in. */
  #openSockets(): void {
    this.#closeSockets();
    const namespace = this.#libc.ioctlValue(this.#tun, TUNGETDEVNETNS, 0);
    if (namespace < 0) return;
    inNamespaceOf(this.#libc, namespace, () => {
      this.#query = this.#libc.socket(AF_INET, SOCK_DGRAM_CLOEXEC, 0);
      this.#netlink = this.#libc.socket(AF_NETLINK, SOCK_RAW_NONBLOCK_CLOEXEC, NETLINK_ROUTE);
    });
    this.#libc.close(namespace);
    if (this.#netlink < 0) return;
    const address = new Uint8Array(12);
    const view = new DataView(address.buffer);
    view.setUint16(0, AF_NETLINK, true);
    view.setUint32(8, RTMGRP_LINK, true);
    this.#libc.bind(this.#netlink, address, address.length);
    const netlink = this.#netlink;
    processPoller().add(netlink, () => this.#onNews(netlink));
  }

  #onNews(netlink: number): boolean {
    const buffer = new Uint8Array(8_192);
    while (this.#libc.read(netlink, buffer, buffer.length) > 0);
    this.#refresh();
    return true;
  }

  #closeSockets(): void {
    if (this.#netlink >= 0) {
      processPoller().remove(this.#netlink);
      this.#libc.close(this.#netlink);
    }
    if (this.#query >= 0) this.#libc.close(this.#query);
    this.#query = this.#netlink = -1;
  }

  /** Asks, or tells, the kernel a number about the device. */
  #request(request: number, value = 0): number | undefined {
    const name = this.name();
    if (name === undefined || this.#query < 0) return undefined;
    const argument = new Uint8Array(IFREQ_BYTES);
    argument.set(Buffer.from(name, 'latin1'));
    const view = new DataView(argument.buffer);
    view.setInt32(NAME_BYTES, value, true);
    if (this.#libc.ioctl(this.#query, request, argument) < 0) return undefined;
    return request === SIOCGIFFLAGS ? view.getUint16(NAME_BYTES, true) : view.getInt32(NAME_BYTES, true);
  }
}

/** Name and `IFF_*` flags of the device behind a descriptor; nothing where it is none, or gone. */
export function readTunInterface(
  libc: Libc,
  fd: number,
): { readonly name: string; readonly flags: number } | undefined {
  const request = new Uint8Array(IFREQ_BYTES);
  if (libc.ioctl(fd, TUNGETIFF, request) < 0) return undefined;
  const end = request.subarray(0, NAME_BYTES).indexOf(0);
  return {
    name: Buffer.from(request.subarray(0, end < 0 ? NAME_BYTES : end)).toString('latin1'),
    flags: new DataView(request.buffer).getUint16(NAME_BYTES, true),
  };
}
