/**
 * One WireGuard device, without I/O: packets, datagrams and time go in, packets, datagrams, events and a deadline
 * come out.
 *
 * After each `handle*`, `configure` or `setUp`, drain `pollTransmit`, `pollPacket` and `pollEvent`, then arm one
 * timer for `pollTimeout` and call `handleTimeout` when it is due.
 *
 * `nowMs` is milliseconds since the Unix epoch. It should not go back; where it does, nothing breaks, timers only
 * fire later. Packets handed in belong to the device from then on. Nothing that arrives makes it throw.
 */
import type { Result } from '@flatland/shared/result';
import type { DeviceConfiguration, DeviceSnapshot } from '../configuration/device-configuration.ts';
import type { PacketVerdict } from '../drop-reason.ts';
import { DEFAULT_MTU_BYTES } from '../noise/constants.ts';
import type { RandomBytes, WireGuardCrypto } from '../noise/crypto.ts';
import { messageKind } from '../noise/messages.ts';
import { TimestampSource } from '../noise/tai64n.ts';
import { AllowedIps } from '../peer/allowed-ips.ts';
import { DropCounters } from '../peer/drop-counters.ts';
import { IndexTable } from '../peer/index-table.ts';
import { LoadMeter } from '../peer/load-meter.ts';
import { SourceLimiter } from '../peer/source-limiter.ts';
import type { UdpEndpoint } from '../peer/udp-endpoint.ts';
import { mayFragment, viewIpPacket } from '../wire/ip-packet.ts';
import { configureDevice } from './configure.ts';
import type { DataPath, DataPathEvent } from './data-path.ts';
import { dropped, type DeviceEvent, type DeviceState, type Transmit } from './device-state.ts';
import { handlePathEvent } from './path-events.ts';
import { lowerPathMtu } from './path-mtu.ts';
import { receiveCookieReply, receiveInitiation, receiveResponse } from './receive-handshake.ts';
import { receiveTransport } from './receive-transport.ts';
import { dropInitiation, peerMtuBytes, sendKeepalive, sendPacket } from './send.ts';
import { isOwnDatagram } from './routing-loop.ts';
import { reportDevice, snapshotDevice, type DeviceReport } from './snapshot.ts';
import { fireTimer, flushStaged } from './timeouts.ts';

export interface WireguardDeviceDeps {
  readonly crypto: WireGuardCrypto;
  readonly random: RandomBytes;
  /** What carries packets beside the core. @default nothing, and the core carries them all */
  readonly path?: DataPath;
}

export interface WireguardDeviceOptions {
  /** @default 1420 */
  readonly mtuBytes?: number;
  /** Newest TAI64N timestamp ever sent with the device's key; later ones are greater. @default none */
  readonly timestampFloor?: Uint8Array;
}

/** A datagram that the underlay would not take because of its length. */
export interface DatagramTooLong {
  readonly to: UdpEndpoint;
  readonly datagramBytes: number;
}

export class WireguardDevice {
  readonly #state: DeviceState;

  constructor(deps: WireguardDeviceDeps, options: WireguardDeviceOptions = {}) {
    this.#state = {
      deps,
      path: deps.path,
      timestamps: new TimestampSource(options.timestampFloor),
      peers: new Map(),
      peersByPath: new Map(),
      allowedIps: new AllowedIps(),
      indices: new IndexTable(deps.random),
      sourceLimiter: new SourceLimiter(),
      loadMeter: new LoadMeter(),
      drops: new DropCounters(),
      transmits: [],
      packets: [],
      events: [],
      staticKeys: undefined,
      cookieChecker: undefined,
      listenPort: 0,
      fwmark: 0,
      mtuBytes: options.mtuBytes ?? DEFAULT_MTU_BYTES,
      isUp: false,
      deadlineMs: undefined,
    };
  }

  /** Changes configuration: all of the change, or none and the reason. */
  configure(change: DeviceConfiguration, nowMs: number): Result<undefined, string> {
    return configureDevice(this.#state, change, nowMs);
  }

  /** The configuration as it is, secrets included. */
  configuration(): DeviceSnapshot {
    return snapshotDevice(this.#state);
  }

  /** Counters and state, without secrets. */
  report(): DeviceReport {
    return reportDevice(this.#state);
  }

  /** Starts or stops the device. Stopping erases all sessions. */
  setUp(isUp: boolean, nowMs: number): void {
    const device = this.#state;
    if (device.isUp === isUp) return;
    device.isUp = isUp;
    device.path?.setReady(isUp && device.staticKeys !== undefined);
    for (const peer of device.peers.values()) {
      if (isUp) {
        peer.handshakeSentAtMs = undefined;
        if (peer.timers.persistentKeepaliveMs > 0) sendKeepalive(device, peer, nowMs);
      } else {
        peer.timers.stop();
        dropInitiation(device, peer);
        peer.keypairs.eraseAll();
        flushStaged(device, peer, 'removed');
      }
    }
  }

  /** Tells the device its interface's MTU, to which padding is capped. */
  setMtu(mtuBytes: number): void {
    this.#state.mtuBytes = mtuBytes;
    this.#state.path?.setMtu(mtuBytes);
  }

  /** Tells the device the port that its socket got. */
  setListenPort(port: number): void {
    this.#state.listenPort = port;
  }

  /** An IP packet that the interface sends. */
  handleTunPacket(packet: Uint8Array, nowMs: number): PacketVerdict {
    const device = this.#state;
    if (!device.isUp || device.staticKeys === undefined) return dropped(device, 'device-not-ready');
    const view = viewIpPacket(packet);
    if (view === undefined) return dropped(device, 'inner-malformed');
    const peer = device.allowedIps.lookup(packet, view.destinationOffset, view.family);
    if (peer === undefined) return dropped(device, 'no-route');
    if (peer.endpoint === undefined) return dropped(device, 'no-endpoint', peer);
    if (isOwnDatagram(packet, view, { listenPort: device.listenPort, to: peer.endpoint }))
      return dropped(device, 'routing-loop', peer);
    if (peer.pathMtuBytes !== undefined && packet.length > peer.pathMtuBytes && !mayFragment(packet))
      return dropped(device, 'too-big', peer);
    return sendPacket(device, peer, { packet, nowMs });
  }

  /** A datagram that arrived at the device's port. */
  handleDatagram(from: UdpEndpoint, datagram: Uint8Array, nowMs: number): PacketVerdict {
    const device = this.#state;
    if (!device.isUp || device.staticKeys === undefined) return dropped(device, 'device-not-ready');
    const arrival = { from, datagram, nowMs };
    const kind = messageKind(datagram);
    switch (kind) {
      case 'transport':
        return receiveTransport(device, arrival);
      case 'initiation':
        return receiveInitiation(device, arrival);
      case 'response':
        return receiveResponse(device, arrival);
      case 'cookie-reply':
        return receiveCookieReply(device, arrival);
      case undefined:
        return dropped(device, 'malformed-message');
    }
  }

  /** Fires the timers that are due. */
  handleTimeout(nowMs: number): void {
    const device = this.#state;
    if (device.deadlineMs === undefined || nowMs < device.deadlineMs) return;
    for (const peer of device.peers.values())
      for (const timer of peer.timers.takeExpired(nowMs)) fireTimer(device, peer, { timer, nowMs });
    const deadlines = [...device.peers.values()].map((peer) => peer.timers.pollTimeout() ?? Infinity);
    const earliest = deadlines.reduce((a, b) => Math.min(a, b), Infinity);
    device.deadlineMs = earliest === Infinity ? undefined : earliest;
  }

  /** Something that the data path beside the core tells. */
  handlePathEvent(event: DataPathEvent, nowMs: number): void {
    handlePathEvent(this.#state, event, nowMs);
  }

  /** The underlay refused a datagram for its length: lowers the MTU of the path to that peer. */
  handleDatagramTooLong(failure: DatagramTooLong, nowMs: number): void {
    lowerPathMtu(this.#state, failure, nowMs);
  }

  /** The underlay refused a datagram for another reason: counts it. */
  handleSendFailure(): void {
    dropped(this.#state, 'send-failed');
  }

  /** The largest inner packet that the path towards a packet's destination carries. */
  mtuTowards(packet: Uint8Array): number {
    const device = this.#state;
    const view = viewIpPacket(packet);
    const peer = view && device.allowedIps.lookup(packet, view.destinationOffset, view.family);
    return peer === undefined ? device.mtuBytes : peerMtuBytes(device, peer);
  }

  /** The next datagram to send. */
  pollTransmit(): Transmit | undefined {
    return this.#state.transmits.shift();
  }

  /** The next inner packet for the interface. */
  pollPacket(): Uint8Array | undefined {
    return this.#state.packets.shift();
  }

  /** The next event. */
  pollEvent(): DeviceEvent | undefined {
    return this.#state.events.shift();
  }

  /** When `handleTimeout` is due next, if ever. It may turn out to be too early: then nothing fires. */
  pollTimeout(): number | undefined {
    return this.#state.deadlineMs;
  }
}
