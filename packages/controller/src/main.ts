import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { pino } from 'pino';
import { localAddressPolicy, strictAddressPolicy } from '@flatland/kube/client/address-policy';
import { inClusterConnection } from '@flatland/kube/client/in-cluster';
import { openKubeClient } from '@flatland/kube/client/kube-client';
import { zClusterName } from '@flatland/shared/model/names';
import { dialOverTls } from './link/dial-link.ts';
import { serveHealth } from './health/serve-health.ts';
import { startElectedController } from './start-elected-controller.ts';

/*
 * The controller as a process: a pod of the Deployment flatland-controller.
 *
 *   FLATLAND_CLUSTER     name of the own cluster
 *   FLATLAND_POD         uid of the own pod: its next process takes the lease of the last one over at once
 *   FLATLAND_HEALTH_PORT where it answers /healthz and /readyz; absent: nowhere
 *   FLATLAND_API_SOCKET  unix socket of the own API: an embedded cluster, whose links lead over loopback
 */
const log = pino({ name: 'flatland-controller' });

async function main(): Promise<void> {
  const cluster = zClusterName.safeParse(process.env['FLATLAND_CLUSTER'] ?? '');
  if (!cluster.success) return refuse('FLATLAND_CLUSTER must name this cluster; set it to a DNS label');
  const connection = await inClusterConnection({ cluster: cluster.data, env: process.env });
  if (!connection.ok) return refuse(connection.error);
  const client = openKubeClient(connection.value, { userAgent: 'flatland-controller' });
  const isEmbedded = connection.value.socketPath !== undefined;
  const dialLink = dialOverTls({ addressPolicy: isEmbedded ? localAddressPolicy : strictAddressPolicy });
  const candidate = {
    pod: process.env['FLATLAND_POD'] ?? `${hostname()}-${randomUUID()}`,
    process: randomUUID(),
  };
  const controller = startElectedController({ cluster: cluster.data, client, dialLink, log, candidate });
  log.info({ cluster: cluster.data, server: connection.value.server }, 'controller started');
  const healthPort = process.env['FLATLAND_HEALTH_PORT'];
  if (healthPort !== undefined) await serveHealth(controller, Number(healthPort));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void controller.stop().then(async () => {
        await client.close();
        process.exit(0);
      });
    });
  }
}

function refuse(message: string): void {
  log.fatal(message);
  process.exitCode = 1;
}

process.on('unhandledRejection', (reason) => {
  log.error({ err: reason instanceof Error ? reason.message : String(reason) }, 'unhandled rejection');
});
await main();
