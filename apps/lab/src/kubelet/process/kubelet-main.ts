/**
 * The kubelet process of one node in kernel mode. It lives in the node's namespaces, is configured by the first line
 * of its standard input, and prints one line, `ready`. SIGTERM ends its containers and then itself.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { API_SERVICE_ADDRESS } from '../../clusters/cluster-definition.ts';
import { openAdminClient } from '../../clusters/open-admin-client.ts';
import { apiSocket, kubeletSocket } from '../../data-directory.ts';
import { firstAddress } from '../../machine/fabric-plan.ts';
import { searchPath } from '../../machine/programs.ts';
import { Kubelet } from '../kubelet.ts';
import { labImages } from '../kernel/images.ts';
import { KernelRuntime } from '../kernel/kernel-runtime.ts';
import { startHeartbeat } from '../node-heartbeat.ts';
import { createKubeletServer } from '../server/kubelet-server.ts';
import { startClusterDns } from '../services/dns/cluster-dns.ts';
import { startServiceProxy } from '../services/service-proxy.ts';
import { ServiceState } from '../services/service-state.ts';
import { DATA_ON_NODE } from './kubelet-config.ts';
import type { KubeletConfig } from './kubelet-config.ts';
import { readConfig } from './read-config.ts';
import { relay } from './relay.ts';

/** What containers get to end when the node goes down. */
const SHUTDOWN_GRACE_MS = 2000;

const config = await readConfig<KubeletConfig>(() => process.exit(0));
const { node, access } = config;
const log = pino({ name: `kubelet ${node.name}` });
const socketPath = apiSocket(DATA_ON_NODE, access.name);
const client = openAdminClient(access, socketPath);
const runtime = new KernelRuntime({
  images: labImages(config.nodePath),
  gateway: firstAddress(node.podCidr),
  environment: {
    PATH: searchPath(process.env['PATH']),
    HOME: '/',
    NODE_COMPILE_CACHE: join(config.dataDirectory, 'cache', 'compile'),
  },
  apiSocket: socketPath,
});
const kubelet = new Kubelet({
  client,
  caPem: access.caCertPem,
  node,
  runtime,
  directory: join(config.dataDirectory, 'nodes', node.name),
  log,
  nowMs: Date.now,
});
const services = new ServiceState(client);
const server = createKubeletServer(kubelet, runtime);
const serverPath = kubeletSocket(DATA_ON_NODE, node.name);
await rm(serverPath, { force: true });
await new Promise<void>((resolve) => server.listen(serverPath, resolve));
await Promise.all([
  relay({ host: API_SERVICE_ADDRESS, port: 443 }, socketPath),
  ...config.relays.map(({ cluster, port }) =>
    relay({ host: '127.0.0.1', port }, apiSocket(DATA_ON_NODE, cluster)),
  ),
  startClusterDns({ client, services, log }),
]);
startServiceProxy({ services, nodeName: node.name, log });
const stopHeartbeat = await startHeartbeat({
  client,
  cluster: access.name,
  node,
  runtimeName: 'flatland-lab://kernel',
  log,
  nowMs: Date.now,
});
await kubelet.start();
process.stdout.write('ready\n');

process.once('SIGTERM', () => {
  stopHeartbeat();
  server.close();
  void kubelet.stop(SHUTDOWN_GRACE_MS).then(() => process.exit(0));
});
