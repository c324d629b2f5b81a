/**
 * Runs one WireGuard device: packets from its interface and datagrams from its socket go into the protocol core,
 * and whatever comes out goes where it belongs. The same loop runs over a TUN device and over memory.
 */
import { err, ok, type Result } from '@flatland/shared/result';
import type { DeviceConfiguration, DeviceSnapshot } from '../core/configuration/device-configuration.ts';
import { WireguardDevice, type WireguardDeviceOptions } from '../core/device/wireguard-device.ts';
import type { DataPathEvent } from '../core/device/data-path.ts';
import type { DeviceEvent } from '../core/device/device-state.ts';
import type { DeviceReport } from '../core/device/snapshot.ts';
import type { DropReason } from '../core/drop-reason.ts';
import type { WireGuardCrypto } from '../core/noise/crypto.ts';
import type { UdpEndpoint } from '../core/peer/udp-endpoint.ts';
import type { ClockPort } from '../ports/clock.ts';
import type { DataPathPort, PacketPath } from '../ports/data-path.ts';
import type { LogPort } from '../ports/log.ts';
import type { RandomPort } from '../ports/random.ts';
import type { TunDevice, TunLink } from '../ports/tun.ts';
import type { ReceivedDatagram, UdpPort, UdpSendError, UdpSocket } from '../ports/udp.ts';

export interface DeviceLoopDeps {
  readonly crypto: WireGuardCrypto;
  readonly random: RandomPort;
  readonly clock: ClockPort;
  readonly log: LogPort;
  readonly udp: UdpPort;
  readonly tun: TunDevice;
  /** What carries packets beside the core. @default nothing, and the core carries them all */
  readonly path?: DataPathPort;
  /** Named in reports. @default portable */
  readonly packetPath?: PacketPath;
}

/** A device's report, and which way its packets take. */
export interface DeviceLoopReport extends DeviceReport {
  readonly path: PacketPath;
}

export interface DeviceLoopOptions extends WireguardDeviceOptions {
  /** The interface was removed from outside; the device is of no more use. */
  readonly onGone?: () => void;
  /** Hears of handshakes, roaming, erased keys. */
  readonly onEvent?: (event: DeviceEvent) => void;
  /** Hears of packets of the interface that were dropped; what it gives back goes to the interface. */
  readonly onTunDrop?: (packet: Uint8Array, reason: DropReason, mtuBytes: number) => Uint8Array | undefined;
}

export class DeviceLoop {
  readonly name: string;
  readonly #deps: DeviceLoopDeps;
  readonly #options: DeviceLoopOptions;
  readonly #device: WireguardDevice;
  #socket: UdpSocket | undefined;
  /** The port that was asked for; 0: any. */
  #wantedPort = 0;
  #cancelTimer: (() => void) | undefined;
  #armedForMs: number | undefined;
  #isClosed = false;
  /** Changes of the socket, one after the other. */
  #pending: Promise<unknown> = Promise.resolve();

  constructor(deps: DeviceLoopDeps, options: DeviceLoopOptions = {}) {
    this.name = deps.tun.name;
    this.#deps = deps;
    this.#options = options;
    this.#device = new WireguardDevice(deps, { mtuBytes: deps.tun.link().mtuBytes, ...options });
  }

  /** Begins to carry packets; the device is up while its interface is. An error where the port is taken. */
  async start(): Promise<Result<undefined, string>> {
    const { tun, path } = this.#deps;
    path?.start((event) => this.#onPathEvent(event));
    tun.start({
      onPackets: (batch) => this.#onPackets(batch),
      onLinkChanged: (link) => void this.#enqueue(() => this.#followLink(link)),
      onGone: (message) => {
        this.#deps.log.warn({ device: this.name, error: message }, 'interface gone');
        this.#options.onGone?.();
      },
    });
    return this.#enqueue(() => this.#followLink(tun.link()));
  }

  /** Changes the configuration, moving the socket where the port changes. */
  async configure(change: DeviceConfiguration): Promise<Result<undefined, string>> {
    return this.#enqueue(async () => {
      if (this.#isClosed) return err('the device is closed');
      const { listenPort, ...rest } = change;
      if (listenPort !== undefined && listenPort !== this.#socket?.localPort) {
        const moved = await this.#listenOn(listenPort);
        if (!moved.ok) return moved;
      }
      const applied = this.#device.configure(rest, this.#deps.clock.nowMs());
      if (change.fwmark !== undefined && this.#socket !== undefined) {
        const marked = this.#socket.setMark(change.fwmark);
        if (!marked.ok && change.fwmark !== 0) return marked;
      }
      this.#drain();
      return applied;
    });
  }

  /** Changes the interface's MTU; false where the system refuses. */
  setMtu(mtuBytes: number): boolean {
    return this.#deps.tun.setMtu(mtuBytes);
  }

  /** The configuration as it is, secrets included. */
  configuration(): DeviceSnapshot {
    return this.#device.configuration();
  }

  /** Counters and state, without secrets. */
  report(): DeviceLoopReport {
    const { packetPath = { kind: 'portable' }, path } = this.#deps;
    const without = path?.missingOffloads() ?? [];
    return { ...this.#device.report(), path: without.length > 0 ? { ...packetPath, without } : packetPath };
  }

  /** Stops everything, closes the socket, and takes the interface away or, if it is persistent, leaves it. */
  async close({ removeInterface }: { readonly removeInterface: boolean }): Promise<void> {
    this.#isClosed = true;
    await this.#enqueue(async () => {
      this.#device.setUp(false, this.#deps.clock.nowMs());
      this.#cancelTimer?.();
      await this.#socket?.close();
      this.#socket = undefined;
      await (removeInterface ? this.#deps.tun.remove() : this.#deps.tun.close());
      return ok(undefined);
    });
  }

  #onPackets(batch: readonly Uint8Array[]): void {
    const nowMs = this.#deps.clock.nowMs();
    const replies: Uint8Array[] = [];
    for (const packet of batch) {
      try {
        const reply = this.#handlePacket(packet, nowMs);
        if (reply !== undefined) replies.push(reply);
      } catch (error) {
        this.#logMistake(error);
      }
    }
    if (replies.length > 0) this.#deps.tun.write(replies);
    this.#drain();
  }

  #onPathEvent(event: DataPathEvent): void {
    this.#device.handlePathEvent(event, this.#deps.clock.nowMs());
    this.#drain();
  }

  #onDatagrams(batch: readonly ReceivedDatagram[]): void {
    const nowMs = this.#deps.clock.nowMs();
    for (const { from, bytes } of batch) {
      try {
        this.#device.handleDatagram(from, bytes, nowMs);
      } catch (error) {
        this.#logMistake(error);
      }
    }
    this.#drain();
  }

  /** Hands a packet to the core; the ICMP error about it where it is dropped and its sender should know. */
  #handlePacket(packet: Uint8Array, nowMs: number): Uint8Array | undefined {
    const verdict = this.#device.handleTunPacket(packet, nowMs);
    if (verdict.kind !== 'drop') return undefined;
    return this.#options.onTunDrop?.(packet, verdict.reason, this.#device.mtuTowards(packet));
  }

  /** The core does not throw on packets; a mistake of ours must not take all other tunnels down. */
  #logMistake(error: unknown): void {
    this.#deps.log.error({ device: this.name, error: String(error) }, 'packet handling failed');
  }

  #onSendError(to: UdpEndpoint, error: UdpSendError, datagramBytes: number): void {
    if (error === 'too-long')
      this.#device.handleDatagramTooLong({ to, datagramBytes }, this.#deps.clock.nowMs());
    else this.#device.handleSendFailure();
    this.#drainEvents();
  }

  #onTimer(): void {
    this.#armedForMs = undefined;
    this.#device.handleTimeout(this.#deps.clock.nowMs());
    this.#drain();
  }

  #drain(): void {
    for (let next = this.#device.pollTransmit(); next !== undefined; next = this.#device.pollTransmit()) {
      if (this.#socket === undefined) this.#device.handleSendFailure();
      else this.#socket.send(next.to, next.datagram, next.ecn);
    }
    const packets: Uint8Array[] = [];
    for (let next = this.#device.pollPacket(); next !== undefined; next = this.#device.pollPacket())
      packets.push(next);
    if (packets.length > 0) this.#deps.tun.write(packets);
    this.#drainEvents();
    this.#armTimer();
  }

  #drainEvents(): void {
    for (let next = this.#device.pollEvent(); next !== undefined; next = this.#device.pollEvent()) {
      this.#deps.log.debug({ device: this.name, peer: next.peer, event: next.kind }, 'wireguard event');
      this.#options.onEvent?.(next);
    }
  }

  #armTimer(): void {
    const deadlineMs = this.#isClosed ? undefined : this.#device.pollTimeout();
    if (deadlineMs === this.#armedForMs) return;
    this.#cancelTimer?.();
    this.#armedForMs = deadlineMs;
    this.#cancelTimer =
      deadlineMs === undefined ? undefined : this.#deps.clock.at(deadlineMs, () => this.#onTimer());
  }

  async #followLink({ isUp, mtuBytes }: TunLink): Promise<Result<undefined, string>> {
    if (this.#isClosed) return ok(undefined);
    this.#device.setMtu(mtuBytes);
    if (isUp && this.#socket === undefined) {
      const bound = await this.#bind(this.#wantedPort);
      if (!bound.ok) {
        this.#deps.log.warn({ device: this.name, error: bound.error }, 'cannot listen');
        return bound;
      }
    }
    if (!isUp && this.#socket !== undefined) {
      await this.#socket.close();
      this.#socket = undefined;
    }
    this.#device.setUp(isUp, this.#deps.clock.nowMs());
    this.#drain();
    return ok(undefined);
  }

  /** Moves to another port; where that is taken the device keeps the one it has. */
  async #listenOn(port: number): Promise<Result<undefined, string>> {
    if (this.#socket === undefined) {
      this.#wantedPort = port;
      this.#device.setListenPort(port);
      return this.#followLink(this.#deps.tun.link());
    }
    const old = this.#socket;
    const bound = await this.#bind(port);
    if (!bound.ok) return bound;
    this.#wantedPort = port;
    await old.close();
    return ok(undefined);
  }

  async #bind(port: number): Promise<Result<undefined, string>> {
    const bound = await this.#deps.udp.bind(port, {
      onDatagrams: (batch) => this.#onDatagrams(batch),
      onSendError: (to, error, datagramBytes) => this.#onSendError(to, error, datagramBytes),
    });
    if (!bound.ok) return bound;
    this.#socket = bound.value;
    this.#device.setListenPort(bound.value.localPort);
    const { fwmark } = this.#device.configuration();
    if (fwmark !== 0) bound.value.setMark(fwmark);
    return ok(undefined);
  }

  #enqueue(task: () => Promise<Result<undefined, string>>): Promise<Result<undefined, string>> {
    const result = this.#pending.then(task, task).catch((error: unknown) => {
      this.#deps.log.error({ device: this.name, error: String(error) }, 'device task failed');
      return err(String(error));
    });
    this.#pending = result;
    return result;
  }
}
