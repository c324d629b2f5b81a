import { join } from 'node:path';
import { KubeCluster } from '@flatland/dataplane/agent/cluster/kube-cluster';
import { startAgent } from '@flatland/dataplane/agent/start-agent';
import type { RunningAgent } from '@flatland/dataplane/agent/start-agent';
import { AgentFiles } from '@flatland/dataplane/agent/state/agent-files';
import { SavedObjects } from '@flatland/dataplane/agent/state/saved-objects';
import { DeviceControl } from '@flatland/dataplane/agent/wireguard/device-control';
import type { ExchangeOutcome } from '@flatland/dataplane/core/route/exchange';
import { MemoryHostNetwork } from '@flatland/dataplane/io/memory/host-network';
import { MemoryNode } from '@flatland/dataplane/io/memory/host-network-node';
import { memoryNamespaceSockets } from '@flatland/dataplane/io/memory/host-network-sockets';
import { MemoryForwarder, memoryBackend } from '@flatland/dataplane/io/memory/host-network-wireguard';
import type { SimulatedHost } from '@flatland/dataplane/io/memory/simulated-host';
import { systemClock } from '@flatland/dataplane/io/node/system-clock';
import { systemRandom } from '@flatland/dataplane/io/node/system-random';
import { nodeWireguardCrypto } from '@flatland/dataplane/io/node/wireguard-crypto';
import { SILENT_LOG } from '@flatland/dataplane/ports/log';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { ClusterName, NodeName } from '@flatland/shared/model/names';

export interface FaultNodeOptions {
  readonly cluster: string;
  readonly name: string;
  readonly host: SimulatedHost;
  readonly directory: string;
  /** A client of its own for each agent. */
  readonly openClient: () => KubeClient;
}

/** A node in memory whose agent can be killed and started again over the same files. */
export class FaultNode {
  readonly name: string;
  readonly host: SimulatedHost;
  readonly memory: MemoryNode;
  readonly #options: FaultNodeOptions;
  readonly #forwarder: MemoryForwarder;
  #agent:
    | { readonly running: RunningAgent; readonly client: KubeClient; readonly wireguard: DeviceControl }
    | undefined;

  constructor(options: FaultNodeOptions) {
    this.name = options.name;
    this.host = options.host;
    this.#options = options;
    this.memory = new MemoryNode({ clock: systemClock, random: systemRandom, host: options.host });
    this.#forwarder = new MemoryForwarder(this.memory, { clock: systemClock, crypto: nodeWireguardCrypto });
  }

  async startAgent(): Promise<void> {
    const { cluster, name, openClient } = this.#options;
    const dataDirectory = join(this.#options.directory, name);
    const client = openClient();
    const wireguard = new DeviceControl(memoryBackend(this.#forwarder));
    const running = await startAgent(
      {
        cluster: new KubeCluster({
          client,
          node: name,
          log: SILENT_LOG,
          nowMs: () => systemClock.nowMs(),
          saved: new SavedObjects(new AgentFiles(dataDirectory)),
        }),
        network: new MemoryHostNetwork(this.memory),
        wireguard,
        pods: this.memory,
        sockets: memoryNamespaceSockets(this.memory),
        clock: systemClock,
        random: systemRandom,
        crypto: nodeWireguardCrypto,
        log: SILENT_LOG,
      },
      { cluster: cluster as ClusterName, node: name as NodeName, dataDirectory, servesNodeDns: false },
    );
    this.#agent = { running, client, wireguard };
  }

  /** As a kill does: whatever was under way to the API is cut, nothing is saved, and what is programmed stays. */
  async kill(): Promise<void> {
    const killed = this.#agent;
    this.#agent = undefined;
    await killed?.client.close();
    await killed?.running.stop();
    killed?.wireguard.close();
  }

  /** Takes the node's devices away. */
  async dismantle(): Promise<void> {
    for (const domain of this.#forwarder.domains()) await this.#forwarder.remove(domain);
  }

  /** Sends an echo request from a pod, and waits for what comes of it. */
  ping(podUid: string, to: IpAddress, timeoutMs = 1000): Promise<ExchangeOutcome> {
    return this.memory.exchange(
      { type: 'pod', podUid },
      { protocol: 'ICMP', to, port: 0, payload: new Uint8Array(8), timeoutMs },
    );
  }
}
