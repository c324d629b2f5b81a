/** TCP listeners and connections of an in-memory host. */
import type { IpAddress } from '@flatland/shared/address/ip';
import { EMPTY, viewOf } from '../noise/bytes.ts';
import type { RandomBytes } from '../noise/crypto.ts';
import { TCP_ACK, TCP_RST, TCP_SYN, type TcpSegment } from '../wire/tcp.ts';
import type { IpEnds } from '../wire/transport-checksum.ts';
import { TcpConnection, type TcpListener } from './tcp-connection.ts';
import { ANY_ADDRESS } from './udp-sockets.ts';

/** Headers of TCP over IPv6, and a little more over IPv4. */
const HEADER_BYTES = 60;
const FIRST_EPHEMERAL_PORT = 49_152;
const LAST_PORT = 65_535;

/** A connection that somebody opened to us. */
export interface TcpStream {
  readonly address: IpAddress;
  readonly port: number;
  write(bytes: Uint8Array): void;
  end(): void;
  onData(listener: (bytes: Uint8Array) => void): void;
  onClose(listener: () => void): void;
}

export type TcpAcceptor = (stream: TcpStream) => void;

/** A segment on its way out. */
export interface OutgoingSegment {
  readonly ends: IpEnds;
  readonly segment: TcpSegment;
}

interface Entry {
  readonly ends: IpEnds;
  readonly connection: TcpConnection;
}

export interface TcpSocketsDeps {
  readonly random: RandomBytes;
  /** MTU of the interface that leads from the first of the ends to the second. */
  readonly mtuBytes: (ends: IpEnds) => number;
}

export class TcpSockets {
  readonly #deps: TcpSocketsDeps;
  readonly #acceptors = new Map<string, TcpAcceptor>();
  readonly #connections = new Map<string, Entry>();
  readonly #resets: OutgoingSegment[] = [];
  #nextPort = FIRST_EPHEMERAL_PORT;
  /** The moment of the event that is handled, for callbacks that write. */
  #nowMs = 0;

  constructor(deps: TcpSocketsDeps) {
    this.#deps = deps;
  }

  /** Listens on an address and port; false where somebody does already. */
  listen(address: IpAddress | typeof ANY_ADDRESS, port: number, accept: TcpAcceptor): boolean {
    const key = `${address}/${port}`;
    if (this.#acceptors.has(key)) return false;
    this.#acceptors.set(key, accept);
    return true;
  }

  close(address: IpAddress | typeof ANY_ADDRESS, port: number): void {
    this.#acceptors.delete(`${address}/${port}`);
  }

  /** Opens a connection from the first of the ends to the second. */
  connect(
    ends: IpEnds,
    remotePort: number,
    { listener, nowMs }: { readonly listener: TcpListener; readonly nowMs: number },
  ): TcpConnection {
    this.#nowMs = nowMs;
    const localPort = this.#freePort(ends, remotePort);
    const options = { localPort, remotePort, ...this.#newOptions(ends) };
    const connection = TcpConnection.connect(options, listener, nowMs);
    this.#connections.set(connectionKey(ends, localPort, remotePort), { ends, connection });
    return connection;
  }

  /** The moment that streams write at until the next event. */
  setNow(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** A segment to the host: for a connection, a listener, or nobody, who resets. */
  handle(segment: TcpSegment, { source, destination }: IpEnds, nowMs: number): void {
    this.#nowMs = nowMs;
    const ends = { source: destination, destination: source };
    const key = connectionKey(ends, segment.destinationPort, segment.sourcePort);
    const known = this.#connections.get(key);
    if (known !== undefined && !known.connection.isClosed())
      return known.connection.handleSegment(segment, nowMs);
    const acceptor =
      this.#acceptors.get(`${destination}/${segment.destinationPort}`) ??
      this.#acceptors.get(`${ANY_ADDRESS}/${segment.destinationPort}`);
    const isSyn = (segment.flags & (TCP_SYN | TCP_ACK)) === TCP_SYN;
    if (acceptor !== undefined && isSyn) this.#accept({ key, ends, acceptor }, segment, nowMs);
    else if ((segment.flags & TCP_RST) === 0) this.#resets.push({ ends, segment: resetOf(segment) });
  }

  /** A router says how long packets of a connection may be (RFC 1191). */
  handleTooBig(
    ends: IpEnds,
    { localPort, remotePort, mtuBytes }: { localPort: number; remotePort: number; mtuBytes: number },
    nowMs: number,
  ): void {
    const known = this.#connections.get(connectionKey(ends, localPort, remotePort));
    known?.connection.limitSegments(mtuBytes - HEADER_BYTES, nowMs);
  }

  handleTimeout(nowMs: number): void {
    this.#nowMs = nowMs;
    for (const { connection } of this.#connections.values()) connection.handleTimeout(nowMs);
  }

  /** All segments that wait to be sent. Closed connections are forgotten with their last one. */
  takeSegments(): OutgoingSegment[] {
    const out = this.#resets.splice(0);
    for (const [key, { ends, connection }] of this.#connections) {
      for (let next = connection.pollSegment(); next !== undefined; next = connection.pollSegment())
        out.push({ ends, segment: next });
      if (connection.isClosed()) this.#connections.delete(key);
    }
    return out;
  }

  pollTimeout(): number | undefined {
    let earliest: number | undefined;
    for (const { connection } of this.#connections.values()) {
      const deadline = connection.pollTimeout();
      if (deadline !== undefined && (earliest === undefined || deadline < earliest)) earliest = deadline;
    }
    return earliest;
  }

  #accept(
    { key, ends, acceptor }: { key: string; ends: IpEnds; acceptor: TcpAcceptor },
    syn: TcpSegment,
    nowMs: number,
  ): void {
    const dataListeners: ((bytes: Uint8Array) => void)[] = [];
    const closeListeners: (() => void)[] = [];
    const options = { localPort: syn.destinationPort, remotePort: syn.sourcePort, ...this.#newOptions(ends) };
    const connection = TcpConnection.accept(
      options,
      { syn, nowMs },
      {
        onOpen: () =>
          acceptor({
            address: ends.destination,
            port: syn.sourcePort,
            write: (bytes) => connection.write(bytes, this.#nowMs),
            end: () => connection.end(this.#nowMs),
            onData: (listener) => void dataListeners.push(listener),
            onClose: (listener) => void closeListeners.push(listener),
          }),
        onData: (bytes) => {
          for (const listener of dataListeners) listener(bytes);
        },
        onClose: () => {
          for (const listener of closeListeners) listener();
        },
      },
    );
    this.#connections.set(key, { ends, connection });
  }

  #newOptions(ends: IpEnds) {
    const initialSequence = viewOf(this.#deps.random(4)).getUint32(0);
    return { initialSequence, maxSegmentBytes: this.#deps.mtuBytes(ends) - HEADER_BYTES };
  }

  #freePort(ends: IpEnds, remotePort: number): number {
    do {
      this.#nextPort = this.#nextPort === LAST_PORT ? FIRST_EPHEMERAL_PORT : this.#nextPort + 1;
    } while (this.#connections.has(connectionKey(ends, this.#nextPort, remotePort)));
    return this.#nextPort;
  }
}

function connectionKey(ends: IpEnds, localPort: number, remotePort: number): string {
  return `${ends.source}/${localPort}>${ends.destination}/${remotePort}`;
}

function resetOf(segment: TcpSegment): TcpSegment {
  const length = segment.payload.length + ((segment.flags & TCP_SYN) === 0 ? 0 : 1);
  return {
    sourcePort: segment.destinationPort,
    destinationPort: segment.sourcePort,
    sequence: segment.acknowledgment,
    acknowledgment: (segment.sequence + length) >>> 0,
    flags: TCP_RST | TCP_ACK,
    window: 0,
    payload: EMPTY,
  };
}
