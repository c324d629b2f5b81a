/**
 * The agent process of a node.
 *
 *   FLATLAND_CLUSTER           name of the cluster
 *   FLATLAND_NODE              name of the Node object
 *   FLATLAND_DATA              directory of the agent's own files; default /var/lib/flatland
 *   FLATLAND_FORWARDER         who carries tunnels: auto, kernel, or native and portable for the bundled forwarder; default auto,
 *                              the kernel where it has WireGuard
 *   FLATLAND_FORWARDER_SOCKET  the forwarder's control socket; default /run/flatland/forwarder.sock
 *   FLATLAND_CRI_SOCKET        the container runtime's socket, such as /run/containerd/containerd.sock; absent: sandboxes are
 *                              named pod-<uid> under /run/netns
 *   FLATLAND_API_SOCKET        unix socket of the API, instead of KUBERNETES_SERVICE_HOST (embedded clusters)
 *   FLATLAND_REPORT            port, address:port or path of the HTTP API; default the port `report`
 *   FLATLAND_TRUST_DOMAIN      trust domain of the cluster's workloads; default cluster.local
 *   FLATLAND_EXTERNAL_ADDRESS  address, or address:port, that other nodes can send to
 *   FLATLAND_BEHIND_NAT        1 where the node can only be reached after it spoke first; default: peers are asked
 *   FLATLAND_WIREGUARD_PORTS   range of UDP ports; default 51820-51919
 *   NODE_COMPILE_CACHE         where Node.js keeps what it compiled: a start with it needs less time and memory
 *
 * SIGTERM and SIGINT end it; what it programmed stays and works on.
 */
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { inClusterConnection } from '@flatland/kube/client/in-cluster';
import { openKubeClient } from '@flatland/kube/client/kube-client';
import { CriPodRuntime } from '../io/cri/cri-pod-runtime.ts';
import { LinuxHostNetwork } from '../io/linux/linux-host-network.ts';
import { kernelWireguard, probeKernelWireguard } from '../io/linux/kernel-wireguard.ts';
import { linuxNamespaceSockets } from '../io/linux/linux-namespace-sockets.ts';
import { giveBackMemory } from '../io/linux/resident-memory.ts';
import { namedPodRuntime } from '../io/linux/named-pod-runtime.ts';
import { listRouterNamespaces } from '../io/linux/router-namespace.ts';
import { runCommand } from '../io/linux/run-command.ts';
import { systemClock } from '../io/node/system-clock.ts';
import { systemRandom } from '../io/node/system-random.ts';
import { nodeWireguardCrypto } from '../io/node/wireguard-crypto.ts';
import { ForwarderClient } from '../wireguard/forwarder-client.ts';
import { processLog } from '../wireguard/process-log.ts';
import { readAgentEnvironment } from './agent-environment.ts';
import { KubeCluster } from './cluster/kube-cluster.ts';
import { serveAgent } from './server/agent-server.ts';
import { startAgent } from './start-agent.ts';
import { AgentFiles } from './state/agent-files.ts';
import { SavedObjects } from './state/saved-objects.ts';
import { chooseBackend } from './wireguard/choose-backend.ts';
import { DeviceControl } from './wireguard/device-control.ts';
import { forwarderBackend } from './wireguard/forwarder-backend.ts';

// Optimised code is of little use to a process that waits, and the compilers' own pages are a tenth of its memory.
for (const compiler of ['turbofan', 'maglev']) setFlagsFromString(`--no-${compiler}`);

/** When the pages that only the start needed are given back, and how often those of work that was done once. */
const GIVE_BACK_AFTER_MS = 30_000;
const GIVE_BACK_EVERY_MS = 600_000;

async function main(): Promise<void> {
  const log = processLog(process.env);
  const environment = readAgentEnvironment(process.env);
  if (!environment.ok) return refuse(environment.error);
  const { options, forwarder, forwarderSocket, criSocket, listenOn } = environment.value;
  const connection = await inClusterConnection({ cluster: options.cluster, env: process.env });
  if (!connection.ok) return refuse(connection.error);
  const backend = await chooseBackend(forwarder, {
    kernel: kernelWireguard({ run: runCommand, listDomains: listRouterNamespaces }),
    bundled: forwarderBackend(new ForwarderClient(forwarderSocket)),
    probe: () => probeKernelWireguard(runCommand),
    log,
  });
  if (!backend.ok) return refuse(backend.error);

  const client = openKubeClient(connection.value, { userAgent: 'flatland-agent' });
  const saved = new SavedObjects(new AgentFiles(join(options.dataDirectory, options.cluster)));
  const pods = criSocket === undefined ? namedPodRuntime() : new CriPodRuntime(criSocket, { log });
  const nowMs = () => systemClock.nowMs();
  const wireguard = new DeviceControl(backend.value);
  const agent = await startAgent(
    {
      cluster: new KubeCluster({ client, node: options.node, log, nowMs, saved }),
      network: new LinuxHostNetwork({ pods, nowMs }),
      wireguard,
      pods,
      sockets: linuxNamespaceSockets({ pods }),
      clock: systemClock,
      random: systemRandom,
      crypto: nodeWireguardCrypto,
      log,
    },
    { ...options, dataDirectory: join(options.dataDirectory, options.cluster) },
  );
  const server = await serveAgent(agent, listenOn, log);
  log.info({ cluster: options.cluster, node: options.node }, 'agent started');
  flushCompileCache();
  setTimeout(giveBackMemory, GIVE_BACK_AFTER_MS).unref();
  setInterval(giveBackMemory, GIVE_BACK_EVERY_MS).unref();

  const stop = async () => {
    await server.close();
    await agent.stop();
    wireguard.close();
    await saved.flush();
    await client.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
  process.on('unhandledRejection', (reason) => log.error({ error: String(reason) }, 'unhandled rejection'));

  function refuse(message: string): void {
    log.error({ error: message }, 'cannot start');
    process.exitCode = 1;
  }
}

await main();
