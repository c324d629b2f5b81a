import { createSocket } from 'node:dgram';
import { parseIpAddress } from '@flatland/shared/address/ip';
import type { EchoOutcome, EchoRequest } from '../../ports/namespace-sockets.ts';
import { failureOutcome } from './socket-failure.ts';

const ECHO_REQUEST = { 4: 8, 6: 128 } as const;
const ECHO_REPLY = { 4: 0, 6: 129 } as const;
const ICMP_HEADER_BYTES = 8;

/** Sends the payload through an adopted UDP or ping socket, and waits for it. Closes the socket. */
export function echoDatagram(fd: number, request: EchoRequest): Promise<EchoOutcome> {
  const family = request.to.includes(':') ? 6 : 4;
  const isPing = request.protocol === 'ICMP';
  const message = isPing ? pingMessage(ECHO_REQUEST[family], request.payload) : request.payload;
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
  return new Promise((resolve) => {
    let sentAt = performance.now();
    const finish = (outcome: EchoOutcome) => {
      clearTimeout(timer);
      socket.removeAllListeners('message');
      socket.on('error', () => {});
      socket.close();
      resolve(outcome);
    };
    const timer = setTimeout(() => finish({ kind: 'timeout' }), request.timeoutMs);
    socket.once('error', (error) => finish(failureOutcome(error)));
    socket.on('message', (bytes, { address }) => {
      const payload = isPing ? pingPayload(bytes, ECHO_REPLY[family]) : bytes;
      if (payload === undefined) return;
      const rttMs = performance.now() - sentAt;
      if (equal(payload, request.payload)) {
        const from = parseIpAddress(address);
        finish({ kind: 'echoed', rttMs, from: from.ok ? from.value : undefined });
      } else if (request.takesAnswers === true)
        finish({
          kind: 'answered',
          rttMs,
          detail: `${payload.length} other bytes came back`,
          bytes: payload,
        });
    });
    socket.once('listening', () => {
      sentAt = performance.now();
      // A ping socket takes no port; the kernel puts the identifier in.
      socket.send(message, isPing ? 1 : request.port, request.to, (error) => {
        if (error !== null) finish(failureOutcome(error));
      });
    });
    socket.bind({ fd });
  });
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
