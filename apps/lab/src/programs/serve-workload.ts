import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { httpAnswer } from './http-answer.ts';

const ECHO_PORT = 7;
const IDLE_MS = 10_000;

/**
 * Answers HTTP on ports of every address. Over TCP, because many of these processes run at once and Node's own HTTP
 * module is most of what such a process would load.
 */
export function serveHttp(ports: readonly number[]): void {
  for (const port of ports) {
    const server = createServer((socket) => {
      socket.setTimeout(IDLE_MS, () => socket.destroy());
      socket.on('error', () => socket.destroy());
      let head = '';
      socket.on('data', (chunk: Buffer) => {
        head += chunk.toString('latin1');
        const caller = socket.remoteAddress ?? '';
        const answer = httpAnswer(head, { environment: process.env, addresses: ownAddresses(), caller });
        if (answer !== undefined) socket.end(answer);
      });
    });
    server.on('error', (error) => process.stderr.write(`port ${port}: ${error.message}\n`));
    server.listen(port, '::');
  }
}

/** Returns every byte that arrives on port 7, over UDP and TCP. */
export function serveEcho(): void {
  const udp = createSocket({ type: 'udp6', reuseAddr: true });
  udp.on('message', (message, from) => udp.send(message, from.port, from.address));
  udp.on('error', (error) => process.stderr.write(`echo over UDP: ${error.message}\n`));
  udp.bind(ECHO_PORT);
  const tcp = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  tcp.on('error', (error) => process.stderr.write(`echo over TCP: ${error.message}\n`));
  tcp.listen(ECHO_PORT, '::');
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .map(({ address }) => address);
}
