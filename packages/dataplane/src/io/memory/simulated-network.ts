/**
 * An underlay in memory: sites joined by NATs, hosts in sites, and paths with latency, loss, duplicates,
 * reordering, MTU and partitions. Everything happens on the clock that it is given, and by the given randomness.
 *
 * ```
 *   internet ── host 198.51.100.1
 *      │
 *      └─ NAT 203.0.113.7 ── site ── host 10.0.0.2
 * ```
 */
import type { IpAddress } from '@flatland/shared/address/ip';
import { copyBytes } from '../../core/noise/bytes.ts';
import type { UdpEndpoint } from '../../core/peer/udp-endpoint.ts';
import type { ClockPort } from '../../ports/clock.ts';
import { SimulatedHost } from './simulated-host.ts';
import { SimulatedNat, type NatOptions } from './simulated-nat.ts';
import { SimulatedSite } from './simulated-site.ts';

/** How a path between two hosts behaves, in one direction. */
export interface PathConditions {
  readonly latencyMs: number;
  /** Up to this much more latency, drawn for each datagram: reorders. */
  readonly jitterMs: number;
  /** Share of datagrams lost, 0 to 1. */
  readonly loss: number;
  /** Share of datagrams that arrive twice, 0 to 1. */
  readonly duplicate: number;
  /** Share of datagrams of which a byte changes, 0 to 1. */
  readonly corrupt: number;
  /** Longer outer packets vanish on the way without a word. */
  readonly mtuBytes: number;
  /** Nothing passes. */
  readonly isDown: boolean;
  /** Datagrams of which this says no vanish. */
  readonly lets: (datagram: Uint8Array) => boolean;
}

const PERFECT_PATH: PathConditions = {
  latencyMs: 0,
  jitterMs: 0,
  loss: 0,
  duplicate: 0,
  corrupt: 0,
  mtuBytes: 65_535,
  isDown: false,
  lets: () => true,
};

/** A datagram on its way, with its outer addresses as they are at that point. */
export interface SimulatedDatagram {
  readonly from: UdpEndpoint;
  readonly to: UdpEndpoint;
  readonly bytes: Uint8Array;
}

export interface SimulatedNetworkDeps {
  readonly clock: ClockPort;
  /** A number from 0 up to, but not including, 1. */
  readonly random: () => number;
}

export class SimulatedNetwork {
  readonly internet: SimulatedSite;
  readonly #deps: SimulatedNetworkDeps;
  readonly #paths = new Map<string, PathConditions>();
  readonly #listeners: ((datagram: SimulatedDatagram) => void)[] = [];
  #default: PathConditions = PERFECT_PATH;
  #nLost = 0;

  constructor(deps: SimulatedNetworkDeps) {
    this.#deps = deps;
    this.internet = new SimulatedSite('internet');
  }

  /** A host with its addresses in a site. */
  addHost(name: string, addresses: readonly IpAddress[], site: SimulatedSite = this.internet): SimulatedHost {
    const host = new SimulatedHost(name, site, (sender, datagram) => this.#carry(sender, datagram));
    host.setAddresses(addresses);
    return host;
  }

  /** A site behind a NAT with a public address. */
  addNat(name: string, address: IpAddress, options: Partial<NatOptions> = {}): SimulatedNat {
    return new SimulatedNat(name, { address, outside: this.internet, clock: this.#deps.clock }, options);
  }

  /** Conditions of every path that has none of its own. */
  setConditions(conditions: Partial<PathConditions>): void {
    this.#default = { ...this.#default, ...conditions };
  }

  /** Conditions from one host to another; the other direction has its own. */
  setPath(from: SimulatedHost, to: SimulatedHost, conditions: Partial<PathConditions>): void {
    const known = this.#paths.get(pathKey(from, to)) ?? this.#default;
    this.#paths.set(pathKey(from, to), { ...known, ...conditions });
  }

  /** Stops, or lets through, everything between two hosts in both directions. */
  setPartition(a: SimulatedHost, b: SimulatedHost, isDown: boolean): void {
    this.setPath(a, b, { isDown });
    this.setPath(b, a, { isDown });
  }

  /** Hears of each datagram as its sender sends it; the returned function stops that. */
  sniff(listener: (datagram: SimulatedDatagram) => void): () => void {
    this.#listeners.push(listener);
    return () => void this.#listeners.splice(this.#listeners.indexOf(listener), 1);
  }

  /** How many datagrams did not arrive. */
  nLost(): number {
    return this.#nLost;
  }

  #carry(sender: SimulatedHost, datagram: SimulatedDatagram): void {
    for (const listener of this.#listeners) listener(datagram);
    const routed = sender.site().route(datagram);
    if (routed === undefined) {
      this.#nLost++;
      return;
    }
    const conditions = this.#paths.get(pathKey(sender, routed.host)) ?? this.#default;
    const headerBytes = routed.datagram.to.address.includes(':') ? 48 : 28;
    const isTooLong = datagram.bytes.length + headerBytes > conditions.mtuBytes;
    const isStopped = conditions.isDown || isTooLong || !conditions.lets(datagram.bytes);
    if (isStopped || this.#happens(conditions.loss)) {
      this.#nLost++;
      return;
    }
    const nCopies = this.#happens(conditions.duplicate) ? 2 : 1;
    for (let i = 0; i < nCopies; i++) this.#deliverLater(routed, conditions);
  }

  #deliverLater(
    { host, datagram }: { host: SimulatedHost; datagram: SimulatedDatagram },
    conditions: PathConditions,
  ): void {
    const { clock, random } = this.#deps;
    const bytes = copyBytes(datagram.bytes);
    if (this.#happens(conditions.corrupt) && bytes.length > 0)
      bytes[Math.floor(random() * bytes.length)]! ^= 1 << Math.floor(random() * 8);
    const delayMs = conditions.latencyMs + random() * conditions.jitterMs;
    clock.at(clock.nowMs() + delayMs, () => {
      if (!host.receive({ ...datagram, bytes })) this.#nLost++;
    });
  }

  #happens(share: number): boolean {
    return share > 0 && this.#deps.random() < share;
  }
}

function pathKey(from: SimulatedHost, to: SimulatedHost): string {
  return `${from.name}>${to.name}`;
}
