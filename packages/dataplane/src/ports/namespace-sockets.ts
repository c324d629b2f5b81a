import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';

/** Port where the agent echoes UDP and TCP, in members' and routers' namespaces. */
export const ECHO_PORT = 7403;

/** In whose network a socket is: the node's own, a domain's router, or a pod's. */
export type SocketPlace =
  | { readonly type: 'node' }
  | { readonly type: 'domain'; readonly domain: DomainName }
  | { readonly type: 'pod'; readonly podUid: string };

/** What came of bytes sent to somebody who returns them. */
export type EchoOutcome =
  | { readonly kind: 'echoed'; readonly rttMs: number; readonly from: IpAddress | undefined }
  /** Somebody answered, without our bytes; `bytes`: what came. */
  | {
      readonly kind: 'answered';
      readonly rttMs: number;
      readonly detail: string;
      readonly bytes?: Uint8Array;
    }
  | { readonly kind: 'timeout' }
  /** A router, or the sender's own routes, said that there is no way. */
  | { readonly kind: 'unreachable'; readonly detail: string }
  /** The far host is there, and nobody listens on the port. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** The socket could not be made: no such namespace, no right. */
  | { readonly kind: 'impossible'; readonly detail: string };

export interface EchoRequest {
  readonly place: SocketPlace;
  readonly protocol: 'ICMP' | 'UDP' | 'TCP';
  readonly from?: IpAddress;
  readonly to: IpAddress;
  /** For UDP and TCP. */
  readonly port: number;
  readonly payload: Uint8Array;
  /** For TCP: what has to come back in the answer. @default the payload */
  readonly expect?: Uint8Array;
  /** For UDP: another answer is waited for as well as an echo. @default false */
  readonly takesAnswers?: boolean;
  /** For UDP: sent in one piece, whatever is known of the way, or not at all. @default false */
  readonly dontFragment?: boolean;
  readonly timeoutMs: number;
}

/** A datagram, and where it came from. */
export interface ReceivedDatagram {
  readonly bytes: Uint8Array;
  readonly address: IpAddress;
  readonly port: number;
}

export interface Listener {
  close(): Promise<void>;
}

/** Gives the answer to a request, or nothing. Never throws. */
export type Responder = (request: ReceivedDatagram) => Uint8Array | undefined;

/** One accepted TCP connection. */
export interface StreamConnection {
  readonly address: IpAddress;
  readonly port: number;
  write(bytes: Uint8Array): void;
  end(): void;
  onData(listener: (bytes: Uint8Array) => void): void;
  onClose(listener: () => void): void;
}

/** Sockets inside namespaces, without a process in each. */
export interface NamespaceSockets {
  /** Sends `payload` once and waits for it to come back. */
  echo(request: EchoRequest): Promise<EchoOutcome>;
  /** Answers datagrams to an address and port of a place. Throws where the port is taken or the place is gone. */
  listenUdp(place: SocketPlace, address: IpAddress, port: number, respond: Responder): Promise<Listener>;
  /** Takes TCP connections to an address and port of a place. Throws as `listenUdp` does. */
  listenTcp(
    place: SocketPlace,
    address: IpAddress,
    port: number,
    accept: (connection: StreamConnection) => void,
  ): Promise<Listener>;
}
