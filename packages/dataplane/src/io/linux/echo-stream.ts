import { Socket } from 'node:net';
import type { EchoOutcome, EchoRequest } from '../../ports/namespace-sockets.ts';
import { failureOutcome } from './socket-failure.ts';

const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Connects an adopted TCP socket, sends the payload and waits until it comes back in what is answered.
 * Closes the socket.
 */
export function echoStream(fd: number, request: EchoRequest): Promise<EchoOutcome> {
  const socket = new Socket({ fd, readable: true, writable: true });
  const nonce = Buffer.from(request.expect ?? request.payload);
  return new Promise((resolve) => {
    const startedAt = performance.now();
    let answer = Buffer.alloc(0);
    const finish = (outcome: EchoOutcome) => {
      clearTimeout(timer);
      socket.on('error', () => {});
      socket.destroy();
      resolve(outcome);
    };
    const withoutNonce = (): EchoOutcome =>
      answer.length === 0
        ? { kind: 'timeout' }
        : {
            kind: 'answered',
            rttMs: performance.now() - startedAt,
            detail: 'answered something else than the nonce',
          };
    const timer = setTimeout(() => finish(withoutNonce()), request.timeoutMs);
    socket.once('error', (error: NodeJS.ErrnoException) =>
      finish(failureOutcome(error.code ?? error.message)),
    );
    socket.on('data', (chunk: Buffer) => {
      answer = Buffer.concat([answer, chunk]);
      const rttMs = performance.now() - startedAt;
      if (answer.includes(nonce)) finish({ kind: 'echoed', rttMs, from: request.to });
      else if (answer.length > MAX_ANSWER_BYTES) finish(withoutNonce());
    });
    socket.once('end', () => finish(withoutNonce()));
    socket.connect({ host: request.to, port: request.port }, () => void socket.write(request.payload));
  });
}
