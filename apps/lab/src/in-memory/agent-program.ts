import { connect } from 'node:net';
import { join } from 'node:path';
import { readAgentEnvironment } from '@flatland/dataplane/agent/agent-environment';
import { KubeCluster } from '@flatland/dataplane/agent/cluster/kube-cluster';
import { serveAgent } from '@flatland/dataplane/agent/server/agent-server';
import { startAgent } from '@flatland/dataplane/agent/start-agent';
import { AgentFiles } from '@flatland/dataplane/agent/state/agent-files';
import { SavedObjects } from '@flatland/dataplane/agent/state/saved-objects';
import { DeviceControl } from '@flatland/dataplane/agent/wireguard/device-control';
import { MemoryHostNetwork } from '@flatland/dataplane/io/memory/host-network';
import { memoryNamespaceSockets } from '@flatland/dataplane/io/memory/host-network-sockets';
import { memoryBackend } from '@flatland/dataplane/io/memory/host-network-wireguard';
import { systemClock } from '@flatland/dataplane/io/node/system-clock';
import { systemRandom } from '@flatland/dataplane/io/node/system-random';
import { nodeWireguardCrypto } from '@flatland/dataplane/io/node/wireguard-crypto';
import { REPORT_PORT } from '@flatland/shared/report/report';
import type { MemoryProgram } from './memory-program.ts';

/** The agent, over the in-memory adapters. What it programs is the node's and stays when it ends. */
export const agentProgram: MemoryProgram = async ({ node, forwarder, container, openClient, log }) => {
  const environment = readAgentEnvironment(container.environment);
  if (!environment.ok) throw new Error(environment.error);
  const { options } = environment.value;
  const dataDirectory = join(options.dataDirectory, options.cluster);
  const client = await openClient();
  const saved = new SavedObjects(new AgentFiles(dataDirectory));
  const wireguard = new DeviceControl(memoryBackend(forwarder));
  const nowMs = () => systemClock.nowMs();
  const agent = await startAgent(
    {
      cluster: new KubeCluster({ client, node: options.node, log, nowMs, saved }),
      network: new MemoryHostNetwork(node),
      wireguard,
      pods: node,
      sockets: memoryNamespaceSockets(node),
      clock: systemClock,
      random: systemRandom,
      crypto: nodeWireguardCrypto,
      log,
    },
    { ...options, dataDirectory, servesNodeDns: false },
  );
  // Relative to the working directory, which is the data directory: socket paths must be short.
  const path = join('run', `agent-${options.node}.sock`);
  const server = await serveAgent(agent, { path }, log);
  return {
    connect: (port) => (port === REPORT_PORT ? connect(path) : undefined),
    async stop() {
      await server.close();
      await agent.stop();
      wireguard.close();
      await saved.flush();
      await client.close();
    },
  };
};
