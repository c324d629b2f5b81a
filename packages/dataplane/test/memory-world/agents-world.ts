import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { ClusterName, NodeName } from '@flatland/shared/model/names';
import type { NodeReport, ProbeRequest, ProbeResult } from '@flatland/shared/report/report';
import { startAgent, type RunningAgent } from '../../src/agent/start-agent.ts';
import { nodeObject } from '../../src/agent/testing/objects.ts';
import { DeviceControl } from '../../src/agent/wireguard/device-control.ts';
import type { ExchangeOutcome } from '../../src/core/route/exchange.ts';
import { MemoryHostNetwork } from '../../src/io/memory/host-network.ts';
import { MemoryNode } from '../../src/io/memory/host-network-node.ts';
import { memoryNamespaceSockets } from '../../src/io/memory/host-network-sockets.ts';
import { MemoryForwarder, memoryBackend } from '../../src/io/memory/host-network-wireguard.ts';
import { seededRandom } from '../../src/io/memory/seeded-random.ts';
import type { SimulatedSite } from '../../src/io/memory/simulated-site.ts';
import { SimulatedNetwork } from '../../src/io/memory/simulated-network.ts';
import { systemClock } from '../../src/io/node/system-clock.ts';
import { nodeWireguardCrypto } from '../../src/io/node/wireguard-crypto.ts';
import { SILENT_LOG } from '../../src/ports/log.ts';
import type { AgentsWorld } from '../compliance/agents-world-port.ts';
import { MemoryApi } from './memory-api.ts';
import { echoRequest } from './memory-world.ts';
import { addressesOfMember, mirrorAll } from './mirror.ts';

export interface WorldNode {
  readonly cluster: string;
  readonly name: string;
  readonly node: MemoryNode;
  readonly forwarder: MemoryForwarder;
  agent: RunningAgent;
  wireguard: DeviceControl;
}

/**
 * Clusters of nodes in memory: an agent and WireGuard on each, an API for each cluster, and what the
 * controllers do, mirroring, done at once.
 */
export class MemoryAgentsWorld implements AgentsWorld {
  readonly datapath = 'in-memory';
  readonly underlay: SimulatedNetwork;
  readonly apis = new Map<string, MemoryApi>();
  readonly nodes: WorldNode[] = [];
  readonly #directory = mkdtempSync(join(tmpdir(), 'flatland-world-'));
  readonly #random = seededRandom(7);

  constructor() {
    this.underlay = new SimulatedNetwork({ clock: systemClock, random: this.#random.number });
  }

  /** A cluster with nodes `<cluster>-1`, `<cluster>-2`… and their agents. */
  async addCluster(cluster: string, nNodes: number, site?: SimulatedSite): Promise<void> {
    this.apis.set(cluster, new MemoryApi(() => mirrorAll(this.apis)));
    for (let i = 1; i <= nNodes; i++) await this.#addNode(cluster, `${cluster}-${i}`, site);
  }

  /** A site behind a NAT that lets in only answers, for `addCluster`. */
  addNat(address: string): SimulatedSite {
    const options = {
      mapping: 'address-and-port-dependent',
      filtering: 'address-and-port-dependent',
    } as const;
    return this.underlay.addNat(address, address as IpAddress, options).site;
  }

  api(cluster: string): MemoryApi {
    const api = this.apis.get(cluster);
    if (api === undefined) throw new Error(`no cluster ${cluster}`);
    return api;
  }

  node(name: string): WorldNode {
    const node = this.nodes.find((candidate) => candidate.name === name);
    if (node === undefined) throw new Error(`no node ${name}`);
    return node;
  }

  /** Puts an object into every cluster's API, as the console does with a Domain. */
  putEverywhere(...objects: readonly KubernetesObject[]): void {
    for (const api of this.apis.values()) api.put(...objects);
  }

  /** A running pod: its object, the objects above it, and its sandbox. */
  async addPods(cluster: string, objects: readonly KubernetesObject[]): Promise<void> {
    for (const object of objects) {
      const nodeName = (object['spec'] as { nodeName?: string } | undefined)?.nodeName;
      if (object.kind === 'Pod' && nodeName !== undefined)
        this.node(nodeName).node.addPod(object.metadata.uid ?? '');
    }
    this.api(cluster).put(...objects);
  }

  removePod(cluster: string, name: string): void {
    const pod = this.api(cluster).get('Pod', name);
    const nodeName = (pod?.['spec'] as { nodeName?: string } | undefined)?.nodeName;
    if (nodeName !== undefined) this.node(nodeName).node.removePod(pod?.metadata.uid ?? '');
    this.api(cluster).drop('Pod', name);
  }

  addressesOf(cluster: string, podUid: string, domain: string): IpAddress[] {
    return addressesOfMember(this.api(cluster), podUid, domain);
  }

  /** One echo request from a pod's own network. */
  ping(node: string, podUid: string, to: string, timeoutMs = 1000): Promise<ExchangeOutcome> {
    return this.node(node).node.exchange(
      { type: 'pod', podUid },
      { protocol: 'ICMP', to: to as IpAddress, port: 0, payload: new Uint8Array([1, 2, 3, 4]), timeoutMs },
    );
  }

  async sendForged(...[node, podUid, { domain, from, to }]: Parameters<AgentsWorld['sendForged']>) {
    const packet = echoRequest(from as IpAddress, to as IpAddress);
    this.node(node).node.injectFromPod(podUid, domain, packet);
  }

  report(node: string): Promise<NodeReport> {
    return this.node(node).agent.report();
  }

  probe(node: string, request: ProbeRequest): Promise<ProbeResult> {
    return this.node(node).agent.probe(request);
  }

  async isReady(node: string): Promise<boolean> {
    return this.node(node).agent.isReady();
  }

  restartForwarder(node: string): Promise<void> {
    return this.node(node).forwarder.restart();
  }

  async isClean(): Promise<boolean> {
    return this.nodes.every(({ node, forwarder }) => node.routers.size + forwarder.domains().length === 0);
  }

  /** Ends an agent and starts another one on the same node, with the same files. */
  async restartAgent(name: string): Promise<void> {
    const node = this.node(name);
    await node.agent.stop();
    node.wireguard.close();
    const started = await this.#startAgent(node.cluster, name, node.node, node.forwarder);
    node.agent = started.agent;
    node.wireguard = started.wireguard;
  }

  async close(): Promise<void> {
    for (const { agent, wireguard, forwarder } of this.nodes) {
      await agent.stop();
      wireguard.close();
      for (const domain of forwarder.domains()) await forwarder.remove(domain);
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #addNode(cluster: string, name: string, site?: SimulatedSite): Promise<void> {
    const number = this.nodes.length + 1;
    const address = site === undefined ? `192.0.2.${number}` : `10.0.0.${number}`;
    const host = this.underlay.addHost(name, [address as IpAddress], site);
    const node = new MemoryNode({ clock: systemClock, random: this.#random.bytes, host });
    const forwarder = new MemoryForwarder(node, { clock: systemClock, crypto: nodeWireguardCrypto });
    this.api(cluster).put(nodeObject(name, address));
    const started = await this.#startAgent(cluster, name, node, forwarder);
    this.nodes.push({ cluster, name, node, forwarder, ...started });
  }

  async #startAgent(
    cluster: string,
    name: string,
    node: MemoryNode,
    forwarder: MemoryForwarder,
  ): Promise<{ agent: RunningAgent; wireguard: DeviceControl }> {
    const wireguard = new DeviceControl(memoryBackend(forwarder));
    const agent = await startAgent(
      {
        cluster: this.api(cluster).forNode(name),
        network: new MemoryHostNetwork(node),
        wireguard,
        pods: node,
        sockets: memoryNamespaceSockets(node),
        clock: systemClock,
        random: this.#random.bytes,
        crypto: nodeWireguardCrypto,
        log: SILENT_LOG,
      },
      {
        cluster: cluster as ClusterName,
        node: name as NodeName,
        dataDirectory: join(this.#directory, name),
        servesNodeDns: false,
      },
    );
    return { agent, wireguard };
  }
}
