/** A network segment of the simulated underlay: who has which address, and the way out. */
import type { IpAddress } from '@flatland/shared/address/ip';
import type { SimulatedHost } from './simulated-host.ts';
import type { SimulatedNat } from './simulated-nat.ts';
import type { SimulatedDatagram } from './simulated-network.ts';

/** Where a datagram ends up, with the addresses that it has there. */
export interface Routed {
  readonly host: SimulatedHost;
  readonly datagram: SimulatedDatagram;
}

export class SimulatedSite {
  readonly name: string;
  /** The NAT towards the rest of the world; the internet has none. */
  gateway: SimulatedNat | undefined;
  readonly #hosts = new Map<IpAddress, SimulatedHost>();
  readonly #nats = new Map<IpAddress, SimulatedNat>();

  constructor(name: string) {
    this.name = name;
  }

  attachHost(address: IpAddress, host: SimulatedHost): void {
    this.#hosts.set(address, host);
  }

  attachNat(address: IpAddress, nat: SimulatedNat): void {
    this.#nats.set(address, nat);
  }

  detachHost(address: IpAddress, host: SimulatedHost): void {
    if (this.#hosts.get(address) === host) this.#hosts.delete(address);
  }

  /** Follows a datagram from this site to the host that gets it, through NATs; nothing where none does. */
  route(datagram: SimulatedDatagram): Routed | undefined {
    const host = this.#hosts.get(datagram.to.address);
    if (host !== undefined) return { host, datagram };
    const nat = this.#nats.get(datagram.to.address);
    if (nat !== undefined) return nat.routeIn(datagram);
    return this.gateway?.routeOut(datagram);
  }
}
