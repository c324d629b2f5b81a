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

/**
 * Sends the payload through a UDP or ping socket, and waits for it. Closes the socket. Read by hand: what
 * routers answer comes through the socket's error queue, which Node's own sockets do not take.
 */
export function echoDatagram(libc: Libc, fd: number, request: EchoRequest): Promise<EchoOutcome> {
  const family = request.to.includes(':') ? 6 : 4;
  const isPing = request.protocol === 'ICMP';
  const buffer = new Uint8Array(MAX_DATAGRAM_BYTES);
  return new Promise((resolve) => {
    const startedAt = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const poller = processPoller();
    const finish = (outcome: EchoOutcome) => {
      clearTimeout(timer);
      poller.remove(fd);
      libc.close(fd);
      resolve(outcome);
    };
    const outcomeOf = (length: number): EchoOutcome | undefined => {
      const payload = isPing
        ? pingPayload(buffer.subarray(0, length), ECHO_REPLY[family])
        : buffer.subarray(0, length);
      if (payload === undefined) return undefined;
      const rttMs = performance.now() - startedAt;
      if (equal(payload, request.payload)) return { kind: 'echoed', rttMs, from: request.to };
      if (request.takesAnswers !== true) return undefined;
      const detail = `${payload.length} other bytes came back`;
      return { kind: 'answered', rttMs, detail, bytes: payload.slice() };
    };
    const onReadable = (): boolean => {
      for (let i = 0; i < BUDGET; i++) {
        const length = libc.read(fd, buffer, buffer.length);
        const outcome = length < 0 ? failureOf(libc) : outcomeOf(length);
        if (outcome === 'nothing') return i > 0;
        if (outcome === undefined) continue;
        finish(outcome);
        return true;
      }
      return true;
    };

    // A ping socket takes no port; the kernel puts the identifier in.
    const refused = connectFd(libc, fd, request.to, isPing ? 0 : request.port);
    const message = isPing ? pingMessage(ECHO_REQUEST[family], request.payload) : request.payload;
    poller.add(fd, onReadable);
    if (refused !== undefined) return finish(failureOutcome(refused));
    if (libc.write(fd, message, message.length) < 0)
      return finish(failureOutcome(libc.errorName(libc.errno())));
    timer = setTimeout(() => finish({ kind: 'timeout' }), request.timeoutMs);
  });
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
