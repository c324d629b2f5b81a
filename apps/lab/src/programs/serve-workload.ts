import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { workloadAnswer } from './workload-answer.ts';

const ECHO_PORT = 7;
const MAX_HEAD_BYTES = 16 * 1024;
const IDLE_MS = 10_000;

/**
 * Answers HTTP/1.1 on ports of every address, one request a connection. `/healthz` says ok. Written over TCP because
 * many of these processes run at once: Node's own HTTP module is most of what such a process would load.
 */
export function serveHttp(ports: readonly number[]): void {
  for (const port of ports) {
    const server = createServer((socket) => {
      socket.setTimeout(IDLE_MS, () => socket.destroy());
      socket.on('error', () => socket.destroy());
      let head = '';
      const onData = (chunk: Buffer) => {
        head += chunk.toString('latin1');
        if (head.length > MAX_HEAD_BYTES) return void socket.destroy();
        if (!head.includes('\r\n\r\n')) return;
        socket.off('data', onData);
        answer(socket, head);
      };
      socket.on('data', onData);
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

function answer(socket: Socket, head: string): void {
  const match = /^(GET|HEAD|POST|PUT|DELETE|PATCH) (\S+) HTTP\/1\.[01]\r\n/.exec(head);
  if (match === null) return respond(socket, '400 Bad Request', 'text/plain', 'not an HTTP/1.1 request\n');
  if (match[2] === '/healthz') return respond(socket, '200 OK', 'text/plain', 'ok\n');
  const said = workloadAnswer(process.env, ownAddresses(), socket.remoteAddress ?? '');
  respond(socket, '200 OK', 'application/json', `${JSON.stringify(said)}\n`);
}

function respond(socket: Socket, status: string, contentType: string, body: string): void {
  const length = Buffer.byteLength(body);
  const head = `HTTP/1.1 ${status}\r\ncontent-type: ${contentType}\r\ncontent-length: ${length}\r\n`;
  socket.end(`${head}connection: close\r\n\r\n${body}`);
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .map(({ address }) => address);
}
