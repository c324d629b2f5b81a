/** A host of the simulated underlay and its UDP sockets. */
import type { IpAddress } from '@flatland/shared/address/ip';
import { err, ok, type Result } from '@flatland/shared/result';
import { udpEndpoint, type UdpEndpoint } from '../../core/peer/udp-endpoint.ts';
import type { UdpPort, UdpSocket, UdpSocketHandlers } from '../../ports/udp.ts';
import type { SimulatedDatagram } from './simulated-network.ts';
import type { SimulatedSite } from './simulated-site.ts';

const FIRST_EPHEMERAL_PORT = 32_768;

export class SimulatedHost implements UdpPort {
  readonly name: string;
  /** Longer outer packets are refused when they are sent. */
  mtuBytes = 65_535;
  #site: SimulatedSite;
  #addresses: readonly IpAddress[] = [];
  #nextPort = FIRST_EPHEMERAL_PORT;
  readonly #sockets = new Map<number, UdpSocketHandlers>();
  readonly #carry: (sender: SimulatedHost, datagram: SimulatedDatagram) => void;

  constructor(
    name: string,
    site: SimulatedSite,
    carry: (sender: SimulatedHost, datagram: SimulatedDatagram) => void,
  ) {
    this.name = name;
    this.#site = site;
    this.#carry = carry;
  }

  site(): SimulatedSite {
    return this.#site;
  }

  addresses(): readonly IpAddress[] {
    return this.#addresses;
  }

  /** Gives the host other addresses: it roams. Sockets stay. */
  setAddresses(addresses: readonly IpAddress[], site: SimulatedSite = this.#site): void {
    for (const address of this.#addresses) this.#site.detachHost(address, this);
    this.#site = site;
    this.#addresses = addresses;
    for (const address of addresses) site.attachHost(address, this);
  }

  async bind(port: number, handlers: UdpSocketHandlers): Promise<Result<UdpSocket, string>> {
    return this.bindNow(port, handlers);
  }

  /** `bind` without waiting. */
  bindNow(port: number, handlers: UdpSocketHandlers): Result<UdpSocket, string> {
    const localPort = port === 0 ? this.#freePort() : port;
    if (this.#sockets.has(localPort)) return err(`UDP port ${localPort} is in use; choose another one`);
    this.#sockets.set(localPort, handlers);
    return ok({
      localPort,
      send: (to, datagram) => this.#send(handlers, { localPort, to, datagram }),
      setMark: () => ok(undefined),
      close: async () => {
        if (this.#sockets.get(localPort) === handlers) this.#sockets.delete(localPort);
      },
    });
  }

  /** Takes in a datagram; false where nobody listens or the address is no longer the host's. */
  receive({ from, to, bytes }: SimulatedDatagram): boolean {
    const handlers = this.#sockets.get(to.port);
    if (handlers === undefined || !this.#addresses.includes(to.address)) return false;
    handlers.onDatagrams([{ from, bytes }]);
    return true;
  }

  #send(
    handlers: UdpSocketHandlers,
    { localPort, to, datagram }: { localPort: number; to: UdpEndpoint; datagram: Uint8Array },
  ): void {
    if (this.#sockets.get(localPort) !== handlers) return handlers.onSendError(to, 'closed', datagram.length);
    const isIpv6 = to.address.includes(':');
    const source = this.#addresses.find((address) => address.includes(':') === isIpv6);
    if (source === undefined) return handlers.onSendError(to, 'unreachable', datagram.length);
    if (datagram.length + (isIpv6 ? 48 : 28) > this.mtuBytes)
      return handlers.onSendError(to, 'too-long', datagram.length);
    this.#carry(this, { from: udpEndpoint(source, localPort), to, bytes: datagram });
  }

  #freePort(): number {
    while (this.#sockets.has(this.#nextPort)) this.#nextPort++;
    return this.#nextPort++;
  }
}
