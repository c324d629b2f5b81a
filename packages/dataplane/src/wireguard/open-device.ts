/** Opens what a device needs of the machine: natively where that can be had, else portably. */
import type { WireGuardCrypto } from '../core/noise/crypto.ts';
import { nodeWireguardCrypto } from '../io/node/wireguard-crypto.ts';
import { err, ok, type Result } from '@flatland/shared/result';
import { adoptTunDevice, openTunDevice, type TunOptions } from '../io/linux/tun-device.ts';
import { systemClock } from '../io/node/system-clock.ts';
import { nodeUdp } from '../io/node/udp.ts';
import { OFFLOAD_KNOBS, type NativeAddon } from '../native/native-addon.ts';
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
  /** Over a TUN device that somebody else opened; always portable, for it may not have the headers. */
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
  const adopt = (fd: number) => {
    const reason = addon.ok ? 'the TUN device was opened by somebody else' : addon.error;
    return portable(adoptTunDevice(fd), reason);
  };
  if (!addon.ok) {
    const { error } = addon;
    const open = (options: TunOptions) => portable(openTunDevice(options), error);
    return ok({ packetPath: { kind: 'portable', reason: error }, crypto: nodeWireguardCrypto, open, adopt });
  }
  const open = (options: TunOptions) => native(options, addon.value, knobs.value);
  return ok({ packetPath: { kind: 'native' }, crypto: nativeWireguardCrypto(addon.value), open, adopt });
}

function native(options: TunOptions, addon: NativeAddon, knobs: number): Result<DevicePorts, string> {
  const tun = openTunDevice({ ...options, hasVnetHeader: true });
  if (!tun.ok) return tun;
  const device = openNativeDevice({ addon, clock: systemClock, tun: tun.value, knobs });
  return ok({ ...device, packetPath: { kind: 'native' } });
}

function portable(tun: Result<TunDevice, string>, reason: string): Result<DevicePorts, string> {
  if (!tun.ok) return tun;
  return ok({ tun: tun.value, udp: nodeUdp, packetPath: { kind: 'portable', reason } });
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
