import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { Controller } from '../start-controller.ts';

/**
 * Answers a kubelet's probes on a TCP port: `/healthz` with 200 as long as the process turns, `/readyz` with 200 where
 * the controller works or could take over at once, else 503. Rejects where the port cannot be had.
 */
export async function serveHealth(controller: Pick<Controller, 'ready'>, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    const ok = request.url === '/healthz' || (request.url === '/readyz' && controller.ready());
    const status = ok ? 200 : request.url === '/readyz' ? 503 : 404;
    response.writeHead(status, { 'content-type': 'text/plain' }).end(ok ? 'ok' : 'no');
  });
  server.listen(port);
  await once(server, 'listening');
  return server;
}
