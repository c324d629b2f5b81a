import { rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { MemoryNode } from '@flatland/dataplane/io/memory/host-network-node';
import { MemoryForwarder } from '@flatland/dataplane/io/memory/host-network-wireguard';
import { systemClock } from '@flatland/dataplane/io/node/system-clock';
import { systemRandom } from '@flatland/dataplane/io/node/system-random';
import { nodeWireguardCrypto } from '@flatland/dataplane/io/node/wireguard-crypto';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import type { SimulatedHost } from '@flatland/dataplane/io/memory/simulated-host';
import type { Logger } from 'pino';
import type { NodeDefinition } from '../clusters/cluster-definition.ts';
import type { ClusterAccess } from '../clusters/kubeconfig.ts';
import { LAB_CLUSTERS } from '../clusters/lab-clusters.ts';
import { openAdminClient } from '../clusters/open-admin-client.ts';
import { apiSocket, kubeletSocket } from '../data-directory.ts';
import type { DataDirectory } from '../data-directory.ts';
import { Kubelet } from '../kubelet/kubelet.ts';
import { startHeartbeat } from '../kubelet/node-heartbeat.ts';
import { createKubeletServer } from '../kubelet/server/kubelet-server.ts';
import { kubeletDialer } from '../kubelet/server/kubelet-dialer.ts';
import type { LabNodes } from '../lab/nodes.ts';
import { DomainNames } from './domain-names.ts';
import { MemoryRuntime } from './memory-runtime.ts';
import { simulateUnderlay } from './memory-underlay.ts';

const STOP_GRACE_MS = 1000;

export type MemoryNodesOptions = {
  readonly directory: DataDirectory;
  readonly log: Logger;
  readonly nowMs: () => number;
};

type Running = { readonly kubelet: Kubelet; readonly server: Server; readonly stopHeartbeat: () => void };

/** Nodes as objects of this process: the same kubelet, over in-memory networks. */
export function memoryNodes(options: MemoryNodesOptions): LabNodes {
  const names = new Set(LAB_CLUSTERS.flatMap(({ nodes }) => nodes.map(({ name }) => name)));
  const hosts = simulateUnderlay(LAB_CLUSTERS, { clock: systemClock, random: Math.random });
  const running: Running[] = [];
  const clients: KubeClient[] = [];
  const domainNames: DomainNames[] = [];
  return {
    // Relative to the working directory, which is the data directory.
    kubelets: kubeletDialer((name) => (names.has(name) ? kubeletSocket('.', name) : undefined)),
    async start(clusters) {
      await Promise.all(
        clusters.flatMap(({ definition, access }) => {
          const client = openAdminClient(access, apiSocket('.', access.name));
          clients.push(client);
          const known = new DomainNames(client);
          domainNames.push(known);
          return definition.nodes.map(async (node) => {
            const world = { client, access, names: known, host: hosts.get(node.name)! };
            running.push(await startNode(node, world, options));
          });
        }),
      );
    },
    async stop() {
      for (const { server, stopHeartbeat } of running) {
        stopHeartbeat();
        server.close();
        server.closeAllConnections();
      }
      await Promise.all(running.map(({ kubelet }) => kubelet.stop(STOP_GRACE_MS)));
      for (const known of domainNames) known.stop();
      await Promise.all(clients.map((client) => client.close()));
    },
  };
}

async function startNode(
  node: NodeDefinition,
  world: { client: KubeClient; access: ClusterAccess; names: DomainNames; host: SimulatedHost },
  { directory, log, nowMs }: MemoryNodesOptions,
): Promise<Running> {
  const { client, access } = world;
  const nodeLog = log.child({ node: node.name });
  const memoryNode = new MemoryNode({ clock: systemClock, random: systemRandom, host: world.host });
  const forwarder = new MemoryForwarder(memoryNode, { clock: systemClock, crypto: nodeWireguardCrypto });
  const runtime = new MemoryRuntime({
    cluster: access.name,
    node: memoryNode,
    forwarder,
    names: world.names,
    apiSocket: apiSocket('.', access.name),
    log: nodeLog,
    nowMs,
  });
  const kubelet = new Kubelet({
    client,
    caPem: access.caCertPem,
    node,
    runtime,
    directory: join(directory.nodes, node.name),
    log: nodeLog,
    nowMs,
  });
  const server = createKubeletServer(kubelet, runtime);
  const path = kubeletSocket('.', node.name);
  await rm(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  const runtimeName = 'flatland-lab://in-memory';
  const stopHeartbeat = await startHeartbeat({
    client,
    cluster: access.name,
    node,
    runtimeName,
    log: nodeLog,
    nowMs,
  });
  await kubelet.start();
  return { kubelet, server, stopHeartbeat };
}
