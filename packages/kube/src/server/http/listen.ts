import { chmod, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, ServerOptions } from 'node:https';
import { createServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { ServerIdentity } from '../pki/cluster-ca.ts';

export interface ListenOptions {
  readonly identity: ServerIdentity;
  readonly host: string;
  readonly port: number;
  readonly socketPath: string | undefined;
}

/** None of them may reject. */
export interface Handlers {
  readonly request: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => Promise<void>;
}

export interface Listening {
  readonly port: number;
  readonly close: () => Promise<void>;
}

const MAX_HEADER_BYTES = 32 * 1024;
const MAX_HEADERS = 200;
/** A client gets this long to finish what it began when the server closes. */
const DRAIN_MS = 2000;

/** Serves HTTPS on a TCP address and, if asked, on a unix socket that only its owner may open. */
export async function listen(
  { identity, host, port, socketPath }: ListenOptions,
  handlers: Handlers,
): Promise<Listening> {
  const options: ServerOptions = {
    key: identity.keyPem,
    cert: `${identity.certPem}\n${identity.caCertPem}`,
    minVersion: 'TLSv1.2',
    maxHeaderSize: MAX_HEADER_BYTES,
    keepAliveTimeout: 90_000,
    headersTimeout: 30_000,
    requestTimeout: 120_000,
  };
  const servers: Server[] = [];
  const open = async (where: { host: string; port: number } | { path: string }) => {
    const server = createServer(options, (request, response) => void handlers.request(request, response));
    server.maxHeadersCount = MAX_HEADERS;
    server.on('tlsClientError', () => {});
    server.on('upgrade', (request, socket, head) => void handlers.upgrade(request, socket, head));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(where, () => {
        server.off('error', reject);
        resolve();
      });
    });
    servers.push(server);
    return server;
  };
  const close = async () => {
    await Promise.all(servers.map(closeServer));
  };
  try {
    const tcp = await open({ host, port });
    if (socketPath !== undefined) {
      await rm(socketPath, { force: true });
      await open({ path: socketPath });
      await chmod(socketPath, 0o600);
    }
    const address = tcp.address();
    return { port: typeof address === 'object' && address ? address.port : port, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearTimeout(timer);
}
