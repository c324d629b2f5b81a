import { pino } from 'pino';
import { inClusterConnection } from '@flatland/kube/client/in-cluster';
import { openKubeClient } from '@flatland/kube/client/kube-client';
import { zClusterName } from '@flatland/shared/model/names';
import { linkSocket } from './link/link-socket.ts';
import { dialOverTls } from './link/dial-link.ts';
import { startController } from './start-controller.ts';

/*
 * The controller as a process: a pod of the Deployment flatland-controller.
 *
 *   FLATLAND_CLUSTER       name of the own cluster
 *   FLATLAND_API_SOCKET    unix socket of the own API, instead of KUBERNETES_SERVICE_HOST (embedded clusters)
 *   FLATLAND_LINK_SOCKETS  directory with CLUSTER.sock for each linked cluster (embedded clusters)
 */
const log = pino({ name: 'flatland-controller' });

async function main(): Promise<void> {
  const cluster = zClusterName.safeParse(process.env['FLATLAND_CLUSTER'] ?? '');
  if (!cluster.success) return refuse('FLATLAND_CLUSTER must name this cluster; set it to a DNS label');
  const connection = await inClusterConnection({ cluster: cluster.data, env: process.env });
  if (!connection.ok) return refuse(connection.error);
  const client = openKubeClient(connection.value, { userAgent: 'flatland-controller' });
  const dialLink = dialOverTls({ socketOf: linkSocket(process.env['FLATLAND_LINK_SOCKETS']) });
  const controller = startController({ cluster: cluster.data, client, dialLink, log });
  log.info({ cluster: cluster.data, server: connection.value.server }, 'controller started');
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
