/** Devices on a simulated network with a virtual clock: what protocol tests drive. */
import type { IpAddress } from '@flatland/shared/address/ip';
import type {
  DeviceConfiguration,
  PeerConfiguration,
} from '../../src/core/configuration/device-configuration.ts';
import { parseAllowedIp } from '../../src/core/configuration/device-configuration.ts';
import type { DeviceEvent } from '../../src/core/device/device-state.ts';
import { CookieGenerator } from '../../src/core/noise/cookie-generator.ts';
import { createInitiation } from '../../src/core/noise/handshake.ts';
import { tai64n } from '../../src/core/noise/tai64n.ts';
import { messageKind, type MessageKind } from '../../src/core/noise/messages.ts';
import type { WireGuardCrypto } from '../../src/core/noise/crypto.ts';
import {
  clampPrivateKey,
  publicKeyBytes,
  publicKeyOf,
  SecretKey,
  type PublicKey,
} from '../../src/core/noise/keys.ts';
import { udpEndpoint, type UdpEndpoint } from '../../src/core/peer/udp-endpoint.ts';
import { MemoryTun } from '../../src/io/memory/memory-tun.ts';
import { seededRandom, type SeededRandom } from '../../src/io/memory/seeded-random.ts';
import type { SimulatedHost } from '../../src/io/memory/simulated-host.ts';
import { SimulatedNetwork, type SimulatedDatagram } from '../../src/io/memory/simulated-network.ts';
import type { SimulatedSite } from '../../src/io/memory/simulated-site.ts';
import { VirtualClock } from '../../src/io/memory/virtual-clock.ts';
import { portableWireguardCrypto } from '../../src/io/node/kept-aead.ts';
import type { DataPathPort } from '../../src/ports/data-path.ts';
import { SILENT_LOG } from '../../src/ports/log.ts';
import { DeviceLoop } from '../../src/wireguard/device-loop.ts';

export const PORT = 51_820;

/** One end of a tunnel: a host, its device and its interface. */
export interface Station {
  readonly name: string;
  readonly host: SimulatedHost;
  readonly tun: MemoryTun;
  readonly loop: DeviceLoop;
  readonly privateKey: SecretKey;
  readonly publicKey: PublicKey;
  /** Inner address. */
  readonly inner: IpAddress;
  readonly endpoint: UdpEndpoint;
  /** Inner packets that came out, oldest first. */
  readonly received: Uint8Array[];
  readonly events: DeviceEvent[];
}

/** A datagram that somebody sent, and when. */
export interface Sniffed extends SimulatedDatagram {
  readonly atMs: number;
  readonly kind: MessageKind | undefined;
}

/** What a device without the addon has. */
const portableCrypto = portableWireguardCrypto();

export interface StationOptions {
  readonly inner?: string;
  readonly site?: SimulatedSite;
  readonly mtuBytes?: number;
  readonly crypto?: WireGuardCrypto;
  readonly path?: DataPathPort;
  readonly privateKey?: SecretKey;
  readonly configure?: DeviceConfiguration;
}

export class World {
  readonly clock = new VirtualClock();
  readonly random: SeededRandom;
  readonly network: SimulatedNetwork;
  readonly sniffed: Sniffed[] = [];

  constructor(seed = 1) {
    this.random = seededRandom(seed);
    this.network = new SimulatedNetwork({ clock: this.clock, random: this.random.number });
    this.network.sniff((datagram) =>
      this.sniffed.push({ ...datagram, atMs: this.clock.nowMs(), kind: messageKind(datagram.bytes) }),
    );
  }

  async station(name: string, address: string, options: StationOptions = {}): Promise<Station> {
    const host = this.network.addHost(name, [address as IpAddress], options.site);
    const received: Uint8Array[] = [];
    const events: DeviceEvent[] = [];
    const tun = new MemoryTun(name, (packet) => received.push(Uint8Array.from(packet)), options.mtuBytes);
    const crypto = options.crypto ?? portableCrypto;
    const loop = new DeviceLoop(
      {
        crypto,
        random: this.random.bytes,
        clock: this.clock,
        log: SILENT_LOG,
        udp: host,
        tun,
        ...(options.path && { path: options.path }),
      },
      { onEvent: (event) => events.push(event) },
    );
    const privateKey = options.privateKey ?? clampPrivateKey(this.random.bytes(32));
    const publicKey = publicKeyOf(portableCrypto.publicKey(privateKey.expose()));
    const started = await loop.start();
    const copy = new SecretKey(new Uint8Array(privateKey.expose()));
    const configured = await loop.configure({ privateKey: copy, listenPort: PORT, ...options.configure });
    if (!started.ok || !configured.ok) throw new Error('station did not start');
    const inner = (options.inner ?? '10.0.0.1') as IpAddress;
    const endpoint = udpEndpoint(address as IpAddress, PORT);
    return { name, host, tun, loop, privateKey, publicKey, inner, endpoint, received, events };
  }

  /** Two stations that know each other, with the inner addresses 10.0.0.1 and 10.0.0.2. */
  async pair(options: PairOptions = {}): Promise<{ readonly a: Station; readonly b: Station }> {
    const a = await this.station('a', '198.51.100.1', { inner: '10.0.0.1', ...options.a });
    const b = await this.station('b', '198.51.100.2', { inner: '10.0.0.2', ...options.b });
    await introduce(a, b, options.aPeer);
    await introduce(b, a, options.bPeer);
    return { a, b };
  }

  /** The kinds of messages sent since the last call, with their sender's address. */
  takeSniffed(): Sniffed[] {
    return this.sniffed.splice(0);
  }
}

export interface PairOptions {
  readonly a?: StationOptions;
  readonly b?: StationOptions;
  /** What `a` knows of `b`. */
  readonly aPeer?: Partial<PeerConfiguration>;
  readonly bPeer?: Partial<PeerConfiguration>;
}

/** Tells a station of a peer: its key, endpoint and inner address. */
export async function introduce(
  station: Station,
  peer: Station,
  change: Partial<PeerConfiguration> = {},
): Promise<void> {
  const configured = await station.loop.configure({
    peers: [
      {
        publicKey: peer.publicKey,
        endpoint: peer.endpoint,
        allowedIps: [allowedIp(peer.inner)],
        ...change,
      },
    ],
  });
  if (!configured.ok) throw new Error(configured.error);
}

/** An allowed IP to add. */
export function allowedIp(text: string) {
  const parsed = parseAllowedIp(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return { prefix: parsed.value };
}

/** Hands a datagram to a station as if it had come from somewhere. */
export function inject(station: Station, from: UdpEndpoint, bytes: Uint8Array): void {
  station.host.receive({ from, to: station.endpoint, bytes: new Uint8Array(bytes) });
}

let nInitiations = 0;

/** An initiation of whoever holds a private key, newer than the last one that this made. */
export function initiationFrom(privateKey: SecretKey, world: World, to: Station): Uint8Array {
  const crypto = portableCrypto;
  const publicKey = crypto.publicKey(privateKey.expose());
  const toBytes = publicKeyBytes(to.publicKey);
  const timestamp = tai64n(world.clock.nowMs() + 1_000);
  new DataView(timestamp.buffer).setUint32(8, ++nInitiations);
  const made = createInitiation(
    { crypto, random: world.random.bytes },
    {
      local: { privateKey, publicKey },
      remote: { publicKeyBytes: toBytes, staticStatic: crypto.sharedSecret(privateKey.expose(), toBytes) },
    },
    { localIndex: 5, timestamp },
  );
  if (made === undefined) throw new Error('no initiation');
  new CookieGenerator(crypto, toBytes).writeMacs(made.datagram, world.clock.nowMs());
  return made.datagram;
}

/** The endpoint that a station has of a peer, as text. */
export function endpointOf(station: Station, peer: Station): string | undefined {
  return station.loop.report().peers.find(({ publicKey }) => publicKey === peer.publicKey)?.endpoint;
}

/** What a station counted for a peer. */
export function countersOf(station: Station, peer: Station) {
  const found = station.loop.report().peers.find((report) => report.publicKey === peer.publicKey);
  if (found === undefined) throw new Error('no such peer');
  return found.counters;
}

/** A 32-byte key of one repeated byte. */
export function keyOf(byte: number): SecretKey {
  return new SecretKey(new Uint8Array(32).fill(byte));
}
