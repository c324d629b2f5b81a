/** A NAT between a private site and the simulated internet (RFC 4787's words for its behaviour). */
import type { IpAddress } from '@flatland/shared/address/ip';
import { formatUdpEndpoint, udpEndpoint, type UdpEndpoint } from '../../core/peer/udp-endpoint.ts';
import type { ClockPort } from '../../ports/clock.ts';
import { SimulatedSite, type Routed } from './simulated-site.ts';
import type { SimulatedDatagram } from './simulated-network.ts';

export interface NatOptions {
  /** Whether one inner endpoint keeps one outer port for all destinations, or gets one for each. */
  readonly mapping: 'endpoint-independent' | 'address-and-port-dependent';
  /** Who may answer: anybody, or only those that were written to. */
  readonly filtering: 'endpoint-independent' | 'address-and-port-dependent';
  /** A mapping without outgoing traffic for this long is forgotten. */
  readonly timeoutMs: number;
}

interface Mapping {
  readonly inner: UdpEndpoint;
  readonly outerPort: number;
  readonly writtenTo: Set<string>;
  usedAtMs: number;
}

const FIRST_PORT = 20_000;

export class SimulatedNat {
  readonly site: SimulatedSite;
  readonly address: IpAddress;
  readonly #outside: SimulatedSite;
  readonly #clock: ClockPort;
  readonly #options: NatOptions;
  readonly #byKey = new Map<string, Mapping>();
  readonly #byPort = new Map<number, Mapping>();
  #nextPort = FIRST_PORT;

  constructor(
    name: string,
    deps: { readonly address: IpAddress; readonly outside: SimulatedSite; readonly clock: ClockPort },
    options: Partial<NatOptions>,
  ) {
    this.site = new SimulatedSite(name);
    this.site.gateway = this;
    this.address = deps.address;
    this.#outside = deps.outside;
    this.#clock = deps.clock;
    this.#options = {
      mapping: 'endpoint-independent',
      filtering: 'address-and-port-dependent',
      timeoutMs: 30_000,
      ...options,
    };
    deps.outside.attachNat(deps.address, this);
  }

  /** Forgets all mappings, as a NAT that restarts: the next datagrams leave from other ports. */
  rebind(): void {
    this.#byKey.clear();
    this.#byPort.clear();
  }

  /** Carries a datagram from the private site outwards. */
  routeOut(datagram: SimulatedDatagram): Routed | undefined {
    const mapping = this.#mappingFor(datagram);
    mapping.usedAtMs = this.#clock.nowMs();
    mapping.writtenTo.add(formatUdpEndpoint(datagram.to));
    return this.#outside.route({ ...datagram, from: udpEndpoint(this.address, mapping.outerPort) });
  }

  /** Carries a datagram from outside to the private site, where a mapping lets it. */
  routeIn(datagram: SimulatedDatagram): Routed | undefined {
    const mapping = this.#byPort.get(datagram.to.port);
    if (mapping === undefined || !this.#isAlive(mapping)) return undefined;
    const isExpected =
      this.#options.filtering === 'endpoint-independent' ||
      mapping.writtenTo.has(formatUdpEndpoint(datagram.from));
    return isExpected ? this.site.route({ ...datagram, to: mapping.inner }) : undefined;
  }

  #mappingFor({ from, to }: SimulatedDatagram): Mapping {
    const perDestination = this.#options.mapping === 'address-and-port-dependent';
    const key = formatUdpEndpoint(from) + (perDestination ? `>${formatUdpEndpoint(to)}` : '');
    const known = this.#byKey.get(key);
    if (known !== undefined && this.#isAlive(known)) return known;
    if (known !== undefined) this.#byPort.delete(known.outerPort);
    const mapping: Mapping = {
      inner: from,
      outerPort: this.#nextPort++,
      writtenTo: new Set(),
      usedAtMs: this.#clock.nowMs(),
    };
    this.#byKey.set(key, mapping);
    this.#byPort.set(mapping.outerPort, mapping);
    return mapping;
  }

  #isAlive(mapping: Mapping): boolean {
    return this.#clock.nowMs() - mapping.usedAtMs <= this.#options.timeoutMs;
  }
}
