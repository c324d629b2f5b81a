import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';

/** Whether the console can do its work, and what is missing. */
export interface Readiness {
  readonly ready: boolean;
  readonly waitsFor: readonly string[];
}

/** `/healthz` answers while the process lives, `/readyz` when everything is there, `/metrics` for Prometheus. */
export function healthRoutes(
  server: FastifyInstance,
  deps: { readonly readiness: () => Readiness; readonly registry: Registry },
): void {
  server.get('/healthz', (_request, reply) => reply.header('cache-control', 'no-store').send({ ok: true }));
  server.get('/readyz', (_request, reply) => {
    const readiness = deps.readiness();
    return reply
      .code(readiness.ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(readiness);
  });
  server.get('/metrics', async (_request, reply) =>
    reply.header('content-type', deps.registry.contentType).send(await deps.registry.metrics()),
  );
}
