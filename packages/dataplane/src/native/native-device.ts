/**
 * The packet path of one WireGuard device in the addon: it reads and writes the TUN device, has the UDP sockets, and
 * leaves to the core what needs it. It is three adapters: of the interface, of the sockets, and of the data path.
 */
import type { DataPathEvent } from '../core/device/data-path.ts';
import type { LinuxTunDevice } from '../io/linux/tun-device.ts';
import { endpointOf } from '../io/node/udp.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { DataPathPort } from '../ports/data-path.ts';
import type { TunDevice } from '../ports/tun.ts';
import type { UdpPort } from '../ports/udp.ts';
import { UPCALL, type NativeAddon, type Upcall } from './native-addon.ts';
import { NativeDataPath } from './native-data-path.ts';
import { NativeTun } from './native-tun.ts';
import { NativeUdp } from './native-udp.ts';

export interface NativeDeviceOptions {
  readonly addon: NativeAddon;
  readonly clock: ClockPort;
  /** A device with virtio headers, not started. */
  readonly tun: LinuxTunDevice;
  /** Offloads to do without, as bits of `OFFLOAD_KNOBS`. @default 0 */
  readonly knobs?: number;
}

export interface NativeDevice {
  readonly tun: TunDevice;
  readonly udp: UdpPort;
  readonly path: DataPathPort;
  /** Offloads that the interface took, as bits (`GOT_*`). */
  readonly offloads: number;
}

/** Lets the addon carry the packets of a TUN device. */
export function openNativeDevice({ addon, clock, tun, knobs = 0 }: NativeDeviceOptions): NativeDevice {
  let isClosed = false;
  const { mtuBytes } = tun.link();
  const onUpcall = () => {
    if (!isClosed)
      dispatch(addon.takeUpcalls(handle), { tun: nativeTun, udp, path, isClosed: () => isClosed });
  };
  const { handle, offloads } = addon.open(tun.fd, mtuBytes, knobs, clock.nowMs(), onUpcall);
  const close = () => {
    if (isClosed) return;
    isClosed = true;
    addon.close(handle);
  };
  const deps = { addon, handle, tun, isClosed: () => isClosed, close };
  const nativeTun = new NativeTun(deps);
  const udp = new NativeUdp(deps);
  const path = new NativeDataPath(addon, handle, deps.isClosed);
  return { tun: nativeTun, udp, path, offloads };
}

interface Adapters {
  readonly tun: NativeTun;
  readonly udp: NativeUdp;
  readonly path: NativeDataPath;
  readonly isClosed: () => boolean;
}

/** Passes on what waited, in order; packets, and datagrams, that follow each other in one batch. */
function dispatch(upcalls: readonly Upcall[], { tun, udp, path, isClosed }: Adapters): void {
  for (let i = 0; i < upcalls.length && !isClosed();) {
    const { kind } = upcalls[i]!;
    let end = i + 1;
    while (end < upcalls.length && upcalls[end]!.kind === kind) end++;
    const run = upcalls.slice(i, end);
    i = end;
    if (kind === UPCALL.packet) tun.deliver(run.map(({ bytes }) => bytes));
    else if (kind === UPCALL.datagram)
      udp.deliver(run.map((upcall) => ({ from: endpointOf(upcall), bytes: upcall.bytes })));
    else if (kind === UPCALL.gone) tun.gone(run[0]!.number);
    else
      for (const upcall of run) {
        const event = eventOf(upcall, path);
        if (event !== undefined) path.tell(event);
      }
  }
}

/** The event that an upcall tells; nothing where its peer is gone. */
function eventOf(upcall: Upcall, path: NativeDataPath): DataPathEvent | undefined {
  if (upcall.kind === UPCALL.confirmed) return { kind: 'confirmed', localIndex: upcall.number };
  if (upcall.kind === UPCALL.underLoad) return { kind: 'under-load' };
  const peer = path.peer(upcall.number);
  if (peer === undefined) return undefined;
  switch (upcall.kind) {
    case UPCALL.roamed:
      return { kind: 'roamed', peer, endpoint: endpointOf(upcall) };
    case UPCALL.rekey:
      return { kind: 'session-used', peer, by: upcall.length === 0 ? 'sending' : 'receiving' };
    case UPCALL.tooLong:
      return { kind: 'too-long', peer, datagramBytes: upcall.length };
    default:
      throw new Error(`unknown upcall ${upcall.kind}`);
  }
}
