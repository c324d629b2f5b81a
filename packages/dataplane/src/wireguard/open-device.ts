/** Opens what a device needs of the machine: natively where that can be had, else portably. */
import type { WireGuardCrypto } from '../core/noise/crypto.ts';
import { portableWireguardCrypto } from '../io/node/kept-aead.ts';
import { err, ok, type Result } from '@flatland/shared/result';
import {
  adoptTunDevice,
  openTunDevice,
  type AdoptedTunDevice,
  type LinuxTunDevice,
  type TunOptions,
} from '../io/linux/tun-device.ts';
import { systemClock } from '../io/node/system-clock.ts';
import { nodeUdpOf } from '../io/node/udp.ts';
import { OFFLOAD_KNOBS } from '../native/native-addon.ts';
import { loadAddon } from '../native/load-addon.ts';
import { nativeWireguardCrypto } from '../native/native-crypto.ts';
import { openNativeDevice } from '../native/native-device.ts';
import type { DataPathPort, PacketPath } from '../ports/data-path.ts';
import type { TunDevice } from '../ports/tun.ts';
import type { UdpPort } from '../ports/udp.ts';

/** The machine's side of a device. */
export interface DevicePorts {
  readonly tun: TunDevice;
  readonly udp: UdpPort;
  readonly path?: DataPathPort;
  readonly packetPath: PacketPath;
}

const KNOBS: Readonly<Record<string, number>> = Object.fromEntries(
  OFFLOAD_KNOBS.map(([offload, knob]) => [`no-${offload}`, knob]),
);

/** How devices of a process are opened. */
export interface DeviceOpener {
  readonly packetPath: PacketPath;
  /** The primitives of their handshakes. */
  readonly crypto: WireGuardCrypto;
  readonly open: (options: TunOptions) => Result<DevicePorts, string>;
  /** Over a TUN device that somebody else opened: the native path needs a `virtio_net_hdr`, the portable one none. */
  readonly adopt: (fd: number) => Result<DevicePorts, string>;
}

/**
 * Chooses the path for a process by its environment: `FLATLAND_FORWARDER=portable` does without the native one
 * (`auto` and `kernel` are for the agent, and mean `native` here),
 * `FLATLAND_WIREGUARD_OFFLOADS=no-tso,no-uso,no-udp-gso,no-udp-gro` does without some of its offloads. An error where
 * they say something else.
 */
export function deviceOpener(environment: NodeJS.ProcessEnv): Result<DeviceOpener, string> {
  const knobs = parseKnobs(environment['FLATLAND_WIREGUARD_OFFLOADS'] ?? '');
  if (!knobs.ok) return knobs;
  const wanted = environment['FLATLAND_FORWARDER'] ?? 'auto';
  if (!['auto', 'kernel', 'native', 'portable'].includes(wanted))
    return err('FLATLAND_FORWARDER must be auto, kernel, native or portable');
  const addon = wanted === 'portable' ? err('FLATLAND_FORWARDER=portable') : loadAddon();
  if (!addon.ok) {
    const { error } = addon;
    const open = (options: TunOptions) => portable(openTunDevice(options), error, knobs.value);
    const adopt = (fd: number) =>
      adopted(fd, ({ hasVnetHeader, tun }) =>
        hasVnetHeader
          ? err(`file descriptor ${fd} has IFF_VNET_HDR, which only the native path reads: ${error}`)
          : portable(ok(tun), error, knobs.value),
      );
    const crypto = portableWireguardCrypto();
    return ok({ packetPath: { kind: 'portable', reason: error }, crypto, open, adopt });
  }
  const native = (tun: LinuxTunDevice): Result<DevicePorts, string> =>
    ok({
      ...openNativeDevice({ addon: addon.value, clock: systemClock, tun, knobs: knobs.value }),
      packetPath: { kind: 'native' },
    });
  const open = (options: TunOptions) => {
    const tun = openTunDevice({ ...options, hasVnetHeader: true });
    return tun.ok ? native(tun.value) : tun;
  };
  const adopt = (fd: number) =>
    adopted(fd, ({ hasVnetHeader, tun }) =>
      hasVnetHeader
        ? native(tun)
        : portable(ok(tun), 'the TUN device was opened without IFF_VNET_HDR', knobs.value),
    );
  return ok({ packetPath: { kind: 'native' }, crypto: nativeWireguardCrypto(addon.value), open, adopt });
}

function adopted(
  fd: number,
  open: (adopted: AdoptedTunDevice) => Result<DevicePorts, string>,
): Result<DevicePorts, string> {
  const device = adoptTunDevice(fd);
  if (!device.ok) return device;
  const opened = open(device.value);
  if (!opened.ok) void device.value.tun.close();
  return opened;
}

function portable(
  tun: Result<TunDevice, string>,
  reason: string,
  knobs: number,
): Result<DevicePorts, string> {
  if (!tun.ok) return tun;
  const segments = (knobs & KNOBS['no-udp-gso']!) === 0;
  return ok({ tun: tun.value, udp: nodeUdpOf({ segments }), packetPath: { kind: 'portable', reason } });
}

function parseKnobs(text: string): Result<number, string> {
  let knobs = 0;
  for (const word of text.split(',').filter((part) => part !== '')) {
    const knob = KNOBS[word];
    if (knob === undefined)
      return err(
        `FLATLAND_WIREGUARD_OFFLOADS knows ${Object.keys(KNOBS).join(', ')}, not ${JSON.stringify(word)}`,
      );
    knobs |= knob;
  }
  return ok(knobs);
}
