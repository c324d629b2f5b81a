/** TUN devices of Linux. */
import { err, ok, type Result } from '@flatland/shared/result';
import type { TunDevice, TunHandlers, TunLink } from '../../ports/tun.ts';
import { loadLibc, type Libc } from './tun-libc.ts';
import { readTunInterface, TunLinkWatch } from './tun-link.ts';
import { inNamespace, namespacePath } from './tun-namespace.ts';
import { processPoller } from './tun-poller.ts';

const O_RDWR_NONBLOCK_CLOEXEC = 0o2 | 0o4000 | 0o2000000;
const TUNSETIFF = 0x4004_54ca;
const TUNSETPERSIST = 0x4004_54cb;
const IFF_TUN = 1;
const IFF_NO_PI = 0x1000;
const IFF_VNET_HDR = 0x4000;
const TUNSETOFFLOAD = 0x4004_54d0;
const IFREQ_BYTES = 40;
const MAX_PACKET_BYTES = 65_535;
/** Packets taken from one device before others have their turn. */
const READ_BUDGET = 64;
const EAGAIN = 11;
const F_SETFL = 4;
/** Name of a device that is not there. */
const GONE = '';

export interface TunOptions {
  /** Interface name; `wg%d` lets the kernel choose the number. */
  readonly name: string;
  /** Name or path of the network namespace to make the device in. @default the process's own */
  readonly namespace?: string;
  readonly mtuBytes: number;
  /** Keeps the device, its addresses and routes when the process ends. @default false */
  readonly isPersistent?: boolean;
  /** Each packet is preceded by a `virtio_net_hdr`; for whoever takes the descriptor over. @default false */
  readonly hasVnetHeader?: boolean;
}

/** A TUN device whose packets somebody else may carry, by its descriptor. */
export interface LinuxTunDevice extends TunDevice {
  readonly fd: number;

  /** Begins to deliver changes, and leaves the packets alone. */
  watch(handlers: Omit<TunHandlers, 'onPackets'>): void;

  /** Whoever carries the packets found that the device was removed. */
  failed(errno: number): void;
}

/** Whether an interface may have this name. */
export function isInterfaceName(name: string): boolean {
  return /^[A-Za-z0-9_.-]{1,15}$/.test(name) && name !== '.' && name !== '..';
}

/** Makes a TUN device, or takes over a persistent one of that name. The error says what is missing. */
export function openTunDevice(options: TunOptions): Result<LinuxTunDevice, string> {
  if (!isInterfaceName(options.name.replace('%d', '0')))
    return err('an interface name has 1 to 15 letters, digits, dots, dashes or underscores');
  const libc = loadLibc();
  if (!libc.ok) return libc;
  if (options.namespace === undefined) return attach(libc.value, options);
  const path = namespacePath(options.namespace);
  if (!path.ok) return path;
  const made = inNamespace(libc.value, path.value, () => attach(libc.value, options));
  return made.ok ? made.value : made;
}

/** A TUN device that somebody else opened, and what precedes its packets. */
export interface AdoptedTunDevice {
  readonly tun: LinuxTunDevice;
  /** A `virtio_net_hdr`; else nothing. */
  readonly hasVnetHeader: boolean;
}

/**
 * Takes over a TUN device that somebody else opened with `IFF_NO_PI`, which the kernel says of every device. The error says
 * why its packets could not be read.
 */
export function adoptTunDevice(fd: number): Result<AdoptedTunDevice, string> {
  const libc = loadLibc();
  if (!libc.ok) return libc;
  if (!Number.isInteger(fd) || libc.value.fcntl(fd, F_SETFL, O_RDWR_NONBLOCK_CLOEXEC) < 0)
    return err(`${fd} is no open file descriptor`);
  const device = readTunInterface(libc.value, fd);
  if (device === undefined) return err(`file descriptor ${fd} is no TUN device`);
  if ((device.flags & IFF_TUN) === 0)
    return err(`file descriptor ${fd} is a TAP device, whose frames are Ethernet: open it with IFF_TUN`);
  return ok({ tun: new LinuxTun(libc.value, fd), hasVnetHeader: (device.flags & IFF_VNET_HDR) !== 0 });
}

function attach(libc: Libc, options: TunOptions): Result<LinuxTunDevice, string> {
  const fd = libc.open('/dev/net/tun', O_RDWR_NONBLOCK_CLOEXEC);
  if (fd < 0) return err(`cannot open /dev/net/tun: ${libc.errorName(libc.errno())}`);
  const request = new Uint8Array(IFREQ_BYTES);
  request.set(Buffer.from(options.name, 'latin1'));
  new DataView(request.buffer).setUint16(16, flagsOf(options), true);
  if (libc.ioctl(fd, TUNSETIFF, request) < 0) {
    const error = explain(options.name, libc.errorName(libc.errno()));
    libc.close(fd);
    return err(error);
  }
  // A persistent device may have been left with segmentation offload, which needs the header.
  libc.ioctlValue(fd, TUNSETOFFLOAD, 0);
  libc.ioctlValue(fd, TUNSETPERSIST, options.isPersistent === true ? 1 : 0);
  const device = new LinuxTun(libc, fd);
  if (device.setMtu(options.mtuBytes)) return ok(device);
  void device.close();
  return err(`the kernel refuses an MTU of ${options.mtuBytes} for ${options.name}`);
}

function flagsOf({ hasVnetHeader }: TunOptions): number {
  return IFF_TUN | IFF_NO_PI | (hasVnetHeader === true ? IFF_VNET_HDR : 0);
}

function explain(name: string, error: string): string {
  switch (error) {
    case 'EPERM':
      return `may not make interface ${name}: this needs CAP_NET_ADMIN`;
    case 'EBUSY':
      return `interface ${name} is in use by another process`;
    case 'EINVAL':
      return `interface ${name} exists and is no TUN device`;
    default:
      return `cannot make interface ${name}: ${error}`;
  }
}

class LinuxTun implements LinuxTunDevice {
  readonly name: string;
  readonly #libc: Libc;
  readonly fd: number;
  readonly #watch: TunLinkWatch;
  readonly #buffer = new Uint8Array(MAX_PACKET_BYTES);
  #handlers: Omit<TunHandlers, 'onPackets'> | undefined;
  #onPackets: TunHandlers['onPackets'] = () => {};
  #isClosed = false;

  constructor(libc: Libc, fd: number) {
    this.#libc = libc;
    this.fd = fd;
    this.#watch = new TunLinkWatch(libc, fd);
    this.name = this.#watch.name() ?? GONE;
  }

  link(): TunLink {
    return this.#watch.link();
  }

  setMtu(mtuBytes: number): boolean {
    return this.#watch.setMtu(mtuBytes);
  }

  start(handlers: TunHandlers): void {
    this.watch(handlers);
    this.#onPackets = handlers.onPackets;
    processPoller().add(this.fd, () => this.#read());
  }

  watch(handlers: Omit<TunHandlers, 'onPackets'>): void {
    this.#handlers = handlers;
    this.#watch.start(handlers.onLinkChanged);
  }

  write(packets: readonly Uint8Array[]): number {
    if (this.#isClosed) return 0;
    let nTaken = 0;
    for (const packet of packets)
      if (this.#libc.write(this.fd, packet, packet.length) === packet.length) nTaken++;
    return nTaken;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#handlers = undefined;
    this.#onPackets = () => {};
    processPoller().remove(this.fd);
    this.#watch.close();
    this.#libc.close(this.fd);
  }

  async remove(): Promise<void> {
    if (!this.#isClosed) this.#libc.ioctlValue(this.fd, TUNSETPERSIST, 0);
    await this.close();
  }

  #read(): boolean {
    const batch: Uint8Array[] = [];
    while (batch.length < READ_BUDGET) {
      const length = this.#libc.read(this.fd, this.#buffer, MAX_PACKET_BYTES);
      if (length > 0) batch.push(this.#buffer.slice(0, length));
      else if (length < 0 && this.#libc.errno() !== EAGAIN) {
        this.failed(this.#libc.errno());
        return false;
      } else break;
    }
    if (batch.length > 0) this.#onPackets(batch);
    return batch.length > 0;
  }

  failed(errno: number): void {
    if (this.#isClosed) return;
    const handlers = this.#handlers;
    void this.close();
    handlers?.onGone(`interface ${this.name} is gone: ${this.#libc.errorName(errno)}`);
  }
}
