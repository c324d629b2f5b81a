/** UDP sockets of an in-memory host that answer what they are asked. */
import type { IpAddress } from '@flatland/shared/address/ip';
import { copyBytes } from '../noise/bytes.ts';
import type { UdpDatagram } from '../wire/udp.ts';
import type { IpEnds } from '../wire/transport-checksum.ts';

/** A datagram that came in, and from where. */
export interface UdpRequest {
  readonly bytes: Uint8Array;
  readonly address: IpAddress;
  readonly port: number;
}

/** Gives the answer, or nothing. */
export type UdpResponder = (request: UdpRequest) => Uint8Array | undefined;

/** Any address of the host. */
export const ANY_ADDRESS = 'any';

export class UdpSockets {
  readonly #responders = new Map<string, UdpResponder>();

  /** Listens on an address and port; false where somebody does already. */
  listen(address: IpAddress | typeof ANY_ADDRESS, port: number, respond: UdpResponder): boolean {
    const key = `${address}/${port}`;
    if (this.#responders.has(key)) return false;
    this.#responders.set(key, respond);
    return true;
  }

  close(address: IpAddress | typeof ANY_ADDRESS, port: number): void {
    this.#responders.delete(`${address}/${port}`);
  }

  /** The answer to a datagram: bytes, silence, or nobody listens. */
  handle(datagram: UdpDatagram, ends: IpEnds): { readonly answer: Uint8Array | undefined } | undefined {
    const respond =
      this.#responders.get(`${ends.destination}/${datagram.destinationPort}`) ??
      this.#responders.get(`${ANY_ADDRESS}/${datagram.destinationPort}`);
    if (respond === undefined) return undefined;
    const request = { bytes: copyBytes(datagram.payload), address: ends.source, port: datagram.sourcePort };
    return { answer: respond(request) };
  }
}
