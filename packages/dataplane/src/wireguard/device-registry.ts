/** The devices of a process: made, kept and removed while it runs. */
import { join } from 'node:path';
import { err, ok, type Result } from '@flatland/shared/result';
import type { DeviceEvent } from '../core/device/device-state.ts';
import { ICMP_ERROR_OF_DROP, icmpErrorAbout, tooBigErrorAbout } from '../core/wire/icmp-error.ts';
import type { IpAddress } from '@flatland/shared/address/ip';
import { createWireguardDevice } from './create-wireguard-device.ts';
import type { DeviceLoop, DeviceLoopDeps } from './device-loop.ts';
import type { DevicePorts } from './open-device.ts';
import { serveUapi, type UapiServer } from './uapi-server.ts';

/** A device to make. */
export interface DeviceRequest {
  readonly name: string;
  /** Name or path of the network namespace that its interface is in. @default the process's own */
  readonly namespace?: string;
  readonly mtuBytes: number;
  /** Keeps interface, addresses and routes when the process ends. @default false */
  readonly isPersistent?: boolean;
  /** The router's own addresses, from which ICMP errors come. @default none, and no errors */
  readonly routerAddresses?: readonly IpAddress[];
  /** TAI64N timestamp, in hexadecimal, that a new device's initiations begin after. @default none */
  readonly timestampFloor?: string;
}

export interface RegisteredDevice {
  /** As it was asked for last. */
  request: DeviceRequest;
  readonly loop: DeviceLoop;
  readonly uapi: UapiServer;
}

export interface DeviceRegistryDeps extends Omit<DeviceLoopDeps, keyof DevicePorts> {
  /** Where the configuration sockets are, one `<name>.sock` for each device. */
  readonly uapiDirectory: string;
  readonly openDevice: (request: DeviceRequest) => Result<DevicePorts, string>;
  /** A device was removed: on request, or because its interface was. */
  readonly onRemoved?: (name: string) => void;
}

export class DeviceRegistry {
  readonly #deps: DeviceRegistryDeps;
  readonly #devices = new Map<string, RegisteredDevice>();
  readonly #listeners = new Set<(device: string, event: DeviceEvent) => void>();
  /** Changes, one after the other. */
  #pending: Promise<unknown> = Promise.resolve();

  constructor(deps: DeviceRegistryDeps) {
    this.#deps = deps;
  }

  /** Makes a device, or changes the one that is there; it cannot be moved to another namespace. */
  ensure(request: DeviceRequest): Promise<Result<RegisteredDevice, string>> {
    return this.#inTurn(async () => {
      const known = this.#devices.get(request.name);
      return known === undefined ? this.#create(request) : change(known, request);
    });
  }

  /** Takes a device and its interface away; nothing happens where there is none. */
  remove(name: string): Promise<Result<undefined, string>> {
    return this.#inTurn(async () => {
      await this.#close(name, true);
      this.#deps.onRemoved?.(name);
      return ok(undefined);
    });
  }

  get(name: string): RegisteredDevice | undefined {
    return this.#devices.get(name);
  }

  /** Sorted by name. */
  list(): RegisteredDevice[] {
    return [...this.#devices.values()].sort((a, b) => (a.request.name < b.request.name ? -1 : 1));
  }

  /** Hears of events of all devices; the returned function stops that. */
  onEvent(listener: (device: string, event: DeviceEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Closes all devices. Persistent interfaces stay. */
  async closeAll(): Promise<void> {
    await this.#inTurn(async () => {
      for (const name of this.#devices.keys()) await this.#close(name, false);
      return ok(undefined);
    });
  }

  async #create(request: DeviceRequest): Promise<Result<RegisteredDevice, string>> {
    const ports = this.#deps.openDevice(request);
    if (!ports.ok) return ports;
    const { tun, packetPath } = ports.value;
    const { name } = tun;
    const routerAddresses = () => this.#devices.get(name)?.request.routerAddresses ?? [];
    const loop = await createWireguardDevice(
      { ...this.#deps, ...ports.value },
      {
        ...(request.timestampFloor !== undefined && {
          timestampFloor: Uint8Array.fromHex(request.timestampFloor),
        }),
        onEvent: (event) => {
          for (const listener of this.#listeners) listener(name, event);
        },
        onGone: () => void this.remove(name),
        onTunDrop: (packet, reason, mtuBytes) => {
          if (reason === 'too-big') return tooBigErrorAbout(packet, mtuBytes);
          const kind = ICMP_ERROR_OF_DROP[reason];
          return kind && icmpErrorAbout(packet, { kind, mtuBytes }, routerAddresses());
        },
      },
    );
    if (!loop.ok) return loop;
    const path = join(this.#deps.uapiDirectory, `${name}.sock`);
    const uapi = await serveUapi(loop.value, path, this.#deps.log);
    if (!uapi.ok) {
      await loop.value.close({ removeInterface: true });
      return uapi;
    }
    const device = { request: { ...request, name }, loop: loop.value, uapi: uapi.value };
    this.#devices.set(name, device);
    this.#deps.log.info(
      { device: name, namespace: request.namespace, path: packetPath.kind, reason: packetPath.reason },
      'device made',
    );
    return ok(device);
  }

  async #close(name: string, removeInterface: boolean): Promise<void> {
    const device = this.#devices.get(name);
    if (device === undefined) return;
    this.#devices.delete(name);
    await device.uapi.close();
    await device.loop.close({ removeInterface });
    this.#deps.log.info({ device: name }, 'device closed');
  }

  #inTurn<T>(task: () => Promise<Result<T, string>>): Promise<Result<T, string>> {
    const result = this.#pending.then(task, task).catch((error: unknown) => {
      this.#deps.log.error({ error: String(error) }, 'device change failed');
      return err(String(error));
    });
    this.#pending = result;
    return result;
  }
}

function change(known: RegisteredDevice, request: DeviceRequest): Result<RegisteredDevice, string> {
  const { name, namespace, mtuBytes } = request;
  if (known.request.namespace !== namespace)
    return err(`device ${name} is in another network namespace; remove it first`);
  if (known.request.mtuBytes !== mtuBytes && !known.loop.setMtu(mtuBytes))
    return err(`the system refuses an MTU of ${mtuBytes} for ${name}`);
  known.request = request;
  return ok(known);
}
