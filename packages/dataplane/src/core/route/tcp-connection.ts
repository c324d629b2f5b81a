/**
 * One TCP connection of an in-memory host (RFC 9293), small: no options, no congestion control, segments in order,
 * everything unacknowledged sent again when time runs out.
 *
 * ```
 *   client: syn-sent ──SYN,ACK──► established ──end──► closing ──► closed
 *   server: syn-received ──ACK──► established
 * ```
 */
import { concatBytes, copyBytes, EMPTY } from '../noise/bytes.ts';
import { TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN, type TcpSegment } from '../wire/tcp.ts';

const RETRANSMIT_MS = 250;
const MAX_RETRANSMIT_MS = 120_000;
/** As Linux has them: tcp_syn_retries, and tcp_retries2 of a connection that is there (tcp(7)). */
const MAX_SYN_RETRANSMITS = 6;
const MAX_RETRANSMITS = 15;
const WINDOW = 65_535;
/** Sent and not yet acknowledged, at most. */
const MAX_IN_FLIGHT = 32_768;

export interface TcpConnectionOptions {
  readonly localPort: number;
  readonly remotePort: number;
  readonly initialSequence: number;
  readonly maxSegmentBytes: number;
}

/** However small a router says the path is, segments carry this much. */
const MIN_SEGMENT_BYTES = 128;

/** Why a connection ended. */
export type TcpClose = 'finished' | 'reset' | 'timeout';

export interface TcpListener {
  readonly onOpen: () => void;
  readonly onData: (bytes: Uint8Array) => void;
  readonly onClose: (why: TcpClose) => void;
}

export class TcpConnection {
  readonly #options: TcpConnectionOptions;
  readonly #listener: TcpListener;
  readonly #segments: TcpSegment[] = [];
  #state: 'syn-sent' | 'syn-received' | 'established' | 'closed';
  /** Everything that waits for acknowledgment, from `#unacknowledged` on. */
  #outgoing: Uint8Array = EMPTY;
  #unacknowledged: number;
  #nInFlight = 0;
  #expected = 0;
  #wantsEnd = false;
  #sentEnd = false;
  #endAcknowledged = false;
  #receivedEnd = false;
  #deadlineMs: number | undefined;
  #nRetransmits = 0;
  #maxSegmentBytes: number;

  private constructor(
    options: TcpConnectionOptions,
    listener: TcpListener,
    state: 'syn-sent' | 'syn-received',
  ) {
    this.#options = options;
    this.#listener = listener;
    this.#state = state;
    this.#unacknowledged = options.initialSequence;
    this.#maxSegmentBytes = options.maxSegmentBytes;
  }

  /** Opens a connection; its first segment waits in `pollSegment`. */
  static connect(options: TcpConnectionOptions, listener: TcpListener, nowMs: number): TcpConnection {
    const connection = new TcpConnection(options, listener, 'syn-sent');
    connection.#emit(TCP_SYN, EMPTY, 0);
    connection.#arm(nowMs);
    return connection;
  }

  /** Answers a SYN. */
  static accept(
    options: TcpConnectionOptions,
    { syn, nowMs }: { readonly syn: TcpSegment; readonly nowMs: number },
    listener: TcpListener,
  ): TcpConnection {
    const connection = new TcpConnection(options, listener, 'syn-received');
    connection.#expected = next(syn.sequence, 1);
    connection.#emit(TCP_SYN | TCP_ACK, EMPTY, 0);
    connection.#arm(nowMs);
    return connection;
  }

  localPort(): number {
    return this.#options.localPort;
  }

  isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Sends bytes, as soon as the connection is open. */
  write(bytes: Uint8Array, nowMs: number): void {
    if (this.#state === 'closed' || this.#wantsEnd) return;
    this.#outgoing = concatBytes(this.#outgoing, bytes);
    this.#push(nowMs);
  }

  /** Sends no more. */
  end(nowMs: number): void {
    if (this.#state === 'closed') return;
    this.#wantsEnd = true;
    this.#push(nowMs);
  }

  /** A segment of this connection. */
  handleSegment(segment: TcpSegment, nowMs: number): void {
    if (this.#state === 'closed') return;
    if ((segment.flags & TCP_RST) !== 0)
      return this.#close(this.#receivedEnd && this.#sentEnd ? 'finished' : 'reset');
    if (this.#state === 'syn-sent') return this.#handleSynAck(segment, nowMs);
    if ((segment.flags & TCP_SYN) !== 0) return this.#emit(TCP_SYN | TCP_ACK, EMPTY, 0);
    if ((segment.flags & TCP_ACK) !== 0) this.#acknowledge(segment.acknowledgment, nowMs);
    if (this.#isClosedNow()) return;
    if (segment.payload.length > 0 || (segment.flags & TCP_FIN) !== 0) this.#receive(segment);
    this.#push(nowMs);
    if (this.#receivedEnd && this.#endAcknowledged) this.#close('finished');
  }

  /** Sends smaller segments from here on, and what was too long again. */
  limitSegments(maxSegmentBytes: number, nowMs: number): void {
    if (maxSegmentBytes >= this.#maxSegmentBytes) return;
    this.#maxSegmentBytes = Math.max(MIN_SEGMENT_BYTES, maxSegmentBytes);
    this.#nInFlight = 0;
    this.#sentEnd = false;
    this.#push(nowMs);
  }

  /** Sends again what was not acknowledged in time. */
  handleTimeout(nowMs: number): void {
    if (this.#deadlineMs === undefined || nowMs < this.#deadlineMs) return;
    const isOpening = this.#state === 'syn-sent' || this.#state === 'syn-received';
    if (++this.#nRetransmits > (isOpening ? MAX_SYN_RETRANSMITS : MAX_RETRANSMITS))
      return this.#close('timeout');
    if (this.#state === 'syn-sent') this.#emit(TCP_SYN, EMPTY, 0);
    else if (this.#state === 'syn-received') this.#emit(TCP_SYN | TCP_ACK, EMPTY, 0);
    else {
      this.#nInFlight = 0;
      this.#sentEnd = false;
      this.#push(nowMs);
    }
    this.#arm(nowMs);
  }

  pollSegment(): TcpSegment | undefined {
    return this.#segments.shift();
  }

  pollTimeout(): number | undefined {
    return this.#deadlineMs;
  }

  #handleSynAck(segment: TcpSegment, nowMs: number): void {
    const isAnswer = (segment.flags & (TCP_SYN | TCP_ACK)) === (TCP_SYN | TCP_ACK);
    if (!isAnswer || segment.acknowledgment !== next(this.#unacknowledged, 1)) return;
    this.#expected = next(segment.sequence, 1);
    this.#open();
    this.#emit(TCP_ACK, EMPTY, 0);
    this.#push(nowMs);
  }

  #acknowledge(acknowledgment: number, nowMs: number): void {
    if (this.#state === 'syn-received') {
      if (acknowledgment !== next(this.#unacknowledged, 1)) return;
      this.#open();
    }
    const nBytes = (acknowledgment - this.#unacknowledged) >>> 0;
    const endBytes = this.#sentEnd ? 1 : 0;
    if (nBytes === 0 || nBytes > this.#nInFlight + endBytes) return;
    this.#endAcknowledged = nBytes > this.#nInFlight;
    const nData = Math.min(nBytes, this.#nInFlight);
    this.#outgoing = this.#outgoing.subarray(nData);
    this.#nInFlight -= nData;
    this.#unacknowledged = next(this.#unacknowledged, nBytes);
    this.#nRetransmits = 0;
    if (this.#nInFlight === 0 && (!this.#sentEnd || this.#endAcknowledged)) this.#deadlineMs = undefined;
    else this.#arm(nowMs);
  }

  #receive(segment: TcpSegment): void {
    const already = (this.#expected - segment.sequence) >>> 0;
    if (already <= segment.payload.length && !this.#receivedEnd) {
      const fresh = segment.payload.subarray(already);
      this.#expected = next(this.#expected, fresh.length);
      if (fresh.length > 0) this.#listener.onData(copyBytes(fresh));
      if ((segment.flags & TCP_FIN) !== 0) {
        this.#expected = next(this.#expected, 1);
        this.#receivedEnd = true;
        this.#wantsEnd = true;
      }
    }
    this.#emit(TCP_ACK, EMPTY, this.#nInFlight);
  }

  #push(nowMs: number): void {
    if (this.#state !== 'established') return;
    while (this.#nInFlight < this.#outgoing.length && this.#nInFlight < MAX_IN_FLIGHT) {
      const end = this.#nInFlight + this.#maxSegmentBytes;
      const payload = this.#outgoing.subarray(this.#nInFlight, end);
      this.#emit(TCP_ACK | TCP_PSH, payload, this.#nInFlight);
      this.#nInFlight += payload.length;
      this.#arm(nowMs);
    }
    if (!this.#wantsEnd || this.#sentEnd || this.#endAcknowledged || this.#nInFlight < this.#outgoing.length)
      return;
    this.#emit(TCP_FIN | TCP_ACK, EMPTY, this.#nInFlight);
    this.#sentEnd = true;
    this.#arm(nowMs);
  }

  #open(): void {
    this.#state = 'established';
    this.#unacknowledged = next(this.#unacknowledged, 1);
    this.#deadlineMs = undefined;
    this.#nRetransmits = 0;
    this.#listener.onOpen();
  }

  #close(why: TcpClose): void {
    this.#state = 'closed';
    this.#deadlineMs = undefined;
    this.#listener.onClose(why);
  }

  #isClosedNow(): boolean {
    return this.#state === 'closed';
  }

  #emit(flags: number, payload: Uint8Array, offset: number): void {
    this.#segments.push({
      sourcePort: this.#options.localPort,
      destinationPort: this.#options.remotePort,
      sequence: next(this.#unacknowledged, offset),
      acknowledgment: (flags & TCP_ACK) === 0 ? 0 : this.#expected,
      flags,
      window: WINDOW,
      payload,
    });
  }

  #arm(nowMs: number): void {
    this.#deadlineMs = nowMs + Math.min(RETRANSMIT_MS * 2 ** this.#nRetransmits, MAX_RETRANSMIT_MS);
  }
}

function next(sequence: number, n: number): number {
  return (sequence + n) >>> 0;
}
