/** Where the packets of an in-memory host go: out of an interface, or back to the host itself. */
import type { IpAddress } from '@flatland/shared/address/ip';
import type { DropReason } from '../drop-reason.ts';
import { ipPacketBytes } from '../wire/ip.ts';
import type { IpEnds } from '../wire/transport-checksum.ts';
import type { HostInterfaces } from './host-interfaces.ts';

const HOP_LIMIT = 64;

/** A packet that leaves the host, and through which interface. */
export interface HostOutput {
  readonly interfaceName: string;
  readonly packet: Uint8Array;
}

export class IpOutput {
  readonly #interfaces: HostInterfaces;
  readonly #outputs: HostOutput[] = [];
  readonly #loopback: HostOutput[] = [];

  constructor(interfaces: HostInterfaces) {
    this.#interfaces = interfaces;
  }

  /** Sends a segment between two addresses, or says why it cannot. */
  send(ends: IpEnds, protocol: number, payload: Uint8Array): DropReason | undefined {
    const packet = { ...ends, protocol, hopLimit: HOP_LIMIT, payload, dontFragment: true, isFragment: false };
    return this.sendPacket(ends.destination, ipPacketBytes(packet), ends.source);
  }

  /** Sends a whole packet. */
  sendPacket(destination: IpAddress, packet: Uint8Array, source?: IpAddress): DropReason | undefined {
    const route = this.#interfaces.routeTo(destination, source);
    if (!route.ok) return 'no-route';
    if (packet.length > route.value.interface.mtuBytes) return 'too-big';
    const output = { interfaceName: route.value.interface.name, packet };
    const isOwn = route.value.interface.addresses.includes(destination);
    (isOwn ? this.#loopback : this.#outputs).push(output);
    return undefined;
  }

  poll(): HostOutput | undefined {
    return this.#outputs.shift();
  }

  /** The next packet of the host to itself. */
  pollLoopback(): HostOutput | undefined {
    return this.#loopback.shift();
  }
}
