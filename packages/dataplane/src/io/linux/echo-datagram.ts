import type { EchoOutcome, EchoRequest } from '../../ports/namespace-sockets.ts';
import { connectFd } from './socket-connect.ts';
import { failureOutcome } from './socket-failure.ts';
import type { Libc } from './tun-libc.ts';
import { processPoller } from './tun-poller.ts';

const ECHO_REQUEST = { 4: 8, 6: 128 } as const;
const ECHO_REPLY = { 4: 0, 6: 129 } as const;
const ICMP_HEADER_BYTES = 8;
const MAX_DATAGRAM_BYTES = 65_535;
/** Datagrams read at once. */
const BUDGET = 64;

/** Reads are synchronous: one does for all sockets. */
const buffer = new Uint8Array(MAX_DATAGRAM_BYTES);

interface Waiting {
  readonly request: EchoRequest;
  readonly startedAt: number;
  readonly finish: (outcome: EchoOutcome) => void;
}

/**
 * A UDP or ping socket that sends payloads to one address and waits for them, one at a time. Read by hand: what
 * routers answer comes through the socket's error queue, which Node's own sockets do not take.
 */
export class EchoSocket {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #isPing: boolean;
  readonly #family: 4 | 6;
  readonly #refused: string | undefined;
  #waiting: Waiting | undefined;

  /** Takes over a descriptor that is bound already. */
  constructor(libc: Libc, fd: number, { protocol, to, port }: EchoRequest) {
    this.#libc = libc;
    this.#fd = fd;
    this.#isPing = protocol === 'ICMP';
    this.#family = to.includes(':') ? 6 : 4;
    // A ping socket takes no port; the kernel puts the identifier in.
    this.#refused = connectFd(libc, fd, to, this.#isPing ? 0 : port);
    processPoller().add(fd, () => this.#read());
  }

  /** Sends the payload and waits for it to come back. Not before the last one has its outcome. */
  echo(request: EchoRequest): Promise<EchoOutcome> {
    const { payload, timeoutMs } = request;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        // Whoever was late to look, this process or the poller's thread: what is there came in time.
        this.#read();
        if (this.#waiting?.finish === finish) finish({ kind: 'timeout' });
      }, timeoutMs);
      const finish = (outcome: EchoOutcome) => {
        clearTimeout(timer);
        this.#waiting = undefined;
        resolve(outcome);
      };
      this.#waiting = { request, startedAt: performance.now(), finish };
      if (this.#refused !== undefined) return finish(failureOutcome(this.#refused));
      const message = this.#isPing ? pingMessage(ECHO_REQUEST[this.#family], payload) : payload;
      if (this.#libc.write(this.#fd, message, message.length) < 0)
        finish(failureOutcome(this.#libc.errorName(this.#libc.errno())));
    });
  }

  close(): void {
    processPoller().remove(this.#fd);
    this.#libc.close(this.#fd);
  }

  /** What comes while nothing is waited for is late, and of no use. After an answer nothing more is to come. */
  #read(): boolean {
    for (let i = 0; i < BUDGET; i++) {
      const length = this.#libc.read(this.#fd, buffer, buffer.length);
      const outcome = length < 0 ? failureOf(this.#libc) : this.#outcomeOf(length);
      if (outcome === 'nothing') return false;
      if (outcome === undefined || this.#waiting === undefined) continue;
      this.#waiting.finish(outcome);
      return false;
    }
    return true;
  }

  #outcomeOf(length: number): EchoOutcome | undefined {
    if (this.#waiting === undefined) return undefined;
    const { request, startedAt } = this.#waiting;
    const bytes = buffer.subarray(0, length);
    const payload = this.#isPing ? pingPayload(bytes, ECHO_REPLY[this.#family]) : bytes;
    if (payload === undefined) return undefined;
    const rttMs = performance.now() - startedAt;
    if (equal(payload, request.payload)) return { kind: 'echoed', rttMs, from: request.to };
    if (request.takesAnswers !== true) return undefined;
    const detail = `${payload.length} other bytes came back`;
    return { kind: 'answered', rttMs, detail, bytes: payload.slice() };
  }
}

function failureOf(libc: Libc): EchoOutcome | 'nothing' {
  const name = libc.errorName(libc.errno());
  return name === 'EAGAIN' || name === 'EINTR' ? 'nothing' : failureOutcome(name);
}

/** An echo request; the kernel fills in identifier and checksum. */
function pingMessage(type: number, payload: Uint8Array): Uint8Array {
  const message = new Uint8Array(ICMP_HEADER_BYTES + payload.length);
  message[0] = type;
  message[7] = 1;
  message.set(payload, ICMP_HEADER_BYTES);
  return message;
}

function pingPayload(message: Uint8Array, replyType: number): Uint8Array | undefined {
  return message[0] === replyType ? message.subarray(ICMP_HEADER_BYTES) : undefined;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
