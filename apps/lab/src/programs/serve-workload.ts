import { createSocket } from 'node:dgram';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { workloadAnswer } from './workload-answer.ts';

const ECHO_PORT = 7;

/** Answers HTTP on ports of every address. `/healthz` says ok. */
export function serveHttp(ports: readonly number[]): void {
  for (const port of ports) {
    const server = createHttpServer((request, response) => {
      if (request.url === '/healthz') return void response.end('ok\n');
      const answer = workloadAnswer(process.env, ownAddresses(), request.socket.remoteAddress ?? '');
      response.setHeader('content-type', 'application/json');
      response.end(`${JSON.stringify(answer)}\n`);
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
