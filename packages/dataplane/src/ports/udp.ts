/** UDP sockets as a seam. Adapters: `io/node` (the machine's), `io/memory` (a simulated network). */
import type { Result } from '@flatland/shared/result';
import type { UdpEndpoint } from '../core/peer/udp-endpoint.ts';

/** A datagram as it arrived. The bytes belong to the receiver. */
export interface ReceivedDatagram {
  readonly from: UdpEndpoint;
  readonly bytes: Uint8Array;
}

/** Why a datagram was not sent. */
export type UdpSendError = 'too-long' | 'unreachable' | 'closed';

export interface UdpSocketHandlers {
  /** Datagrams that arrived together, in order. */
  readonly onDatagrams: (batch: readonly ReceivedDatagram[]) => void;
  /** A datagram was not sent; the socket goes on working. */
  readonly onSendError: (to: UdpEndpoint, error: UdpSendError, datagramBytes: number) => void;
}

/** A bound socket, for both families where the machine has both. */
export interface UdpSocket {
  readonly localPort: number;

  /**
   * Sends; errors come to `onSendError`. The bytes must not change until the next turn of the event loop. Not every
   * adapter can set ECN bits.
   */
  send(to: UdpEndpoint, datagram: Uint8Array, ecn?: number): void;

  /** Marks outgoing datagrams for policy routing; an error where the machine cannot. */
  setMark(mark: number): Result<undefined, string>;

  close(): Promise<void>;
}

export interface UdpPort {
  /** Binds to a port of every address; 0 means any free one. The error is for people. */
  bind(port: number, handlers: UdpSocketHandlers): Promise<Result<UdpSocket, string>>;
}
