import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';

/** Carries every TCP connection to an address and port on to a unix socket, bytes as they are. */
export function relay(from: { host: string; port: number }, socketPath: string): Promise<Server> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (inbound) => {
    const outbound = connect({ path: socketPath, allowHalfOpen: true });
    const end = () => {
      inbound.destroy();
      outbound.destroy();
    };
    inbound.on('error', end);
    outbound.on('error', end);
    inbound.pipe(outbound);
    outbound.pipe(inbound);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(from.port, from.host, () => resolve(server));
  });
}
