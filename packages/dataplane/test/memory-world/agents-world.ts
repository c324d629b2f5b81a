import type { IpAddress } from '@flatland/shared/address/ip';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { ClusterName, NodeName } from '@flatland/shared/model/names';
import type { NodeReport, ProbeRequest, ProbeResult } from '@flatland/shared/report/report';
import type { AgentPorts } from '../../src/agent/agent-options.ts';
import { startAgent, type RunningAgent } from '../../src/agent/start-agent.ts';
import { nodeObject } from '../../src/agent/testing/objects.ts';
import { DeviceControl } from '../../src/agent/wireguard/device-control.ts';
import type { ExchangeOutcome } from '../../src/core/route/exchange.ts';
import { MemoryHostNetwork } from '../../src/io/memory/host-network.ts';
import { MemoryNode } from '../../src/io/memory/host-network-node.ts';
import { memoryNamespaceSockets } from '../../src/io/memory/host-network-sockets.ts';
import { MemoryForwarder, memoryBackend } from '../../src/io/memory/host-network-wireguard.ts';
import { MemoryFiles } from '../../src/io/memory/memory-files.ts';
import { seededRandom, type SeededRandom } from '../../src/io/memory/seeded-random.ts';
import type { SimulatedSite } from '../../src/io/memory/simulated-site.ts';
import { SimulatedNetwork } from '../../src/io/memory/simulated-network.ts';
import { systemClock } from '../../src/io/node/system-clock.ts';
import { nodeWireguardCrypto } from '../../src/io/node/wireguard-crypto.ts';
import type { ClockPort } from '../../src/ports/clock.ts';
import { SILENT_LOG } from '../../src/ports/log.ts';
import type { AgentsWorld, NatKind } from '../compliance/agents-world-port.ts';
import { MemoryApi } from './memory-api.ts';
import { echoRequest } from './memory-world.ts';
import { addressesOfMember, Mirror } from './mirror.ts';
import { NodeClock } from './node-clock.ts';

/** How a world in memory differs from one on the machine's own clock. */
export interface MemoryWorldOptions {
  /** @default the machine's */
  readonly clock: ClockPort;
  /** @default 7 */
  readonly seed: number;
  /** Changes what an agent works with, to break something on purpose. */
  readonly tamper: (ports: AgentPorts, node: MemoryNode) => AgentPorts;
}

export interface WorldNode {
  readonly cluster: string;
  readonly name: string;
  readonly clock: NodeClock;
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
  readonly mirror = new Mirror(this.apis);
  readonly #files = new Map<string, MemoryFiles>();
  readonly #options: MemoryWorldOptions;
  readonly #random: SeededRandom;
  #nNats = 0;

  constructor(options: Partial<MemoryWorldOptions> = {}) {
    this.#options = { clock: systemClock, seed: 7, tamper: (ports) => ports, ...options };
    this.#random = seededRandom(this.#options.seed);
    this.underlay = new SimulatedNetwork({ clock: this.#options.clock, random: this.#random.number });
  }

  async addCluster(cluster: string, nNodes: number, nat?: NatKind): Promise<void> {
    this.apis.set(cluster, new MemoryApi(() => this.mirror.changed()));
    const site = nat === undefined ? undefined : this.#addNat(nat);
    for (let i = 1; i <= nNodes; i++) await this.#addNode(cluster, `${cluster}-${i}`, site);
  }

  #addNat(kind: NatKind): SimulatedSite {
    const address = `198.51.100.${++this.#nNats}` as IpAddress;
    const mapping = kind === 'symmetric' ? 'address-and-port-dependent' : 'endpoint-independent';
    const options = { mapping, filtering: 'address-and-port-dependent' } as const;
    return this.underlay.addNat(address, address, options).site;
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

  async removePod(cluster: string, name: string): Promise<void> {
    const pod = this.api(cluster).get('Pod', name);
    const nodeName = (pod?.['spec'] as { nodeName?: string } | undefined)?.nodeName;
    if (nodeName !== undefined) this.node(nodeName).node.removePod(pod?.metadata.uid ?? '');
    this.api(cluster).drop('Pod', name);
  }

  addressesOf(cluster: string, podUid: string, domain: string): IpAddress[] {
    return addressesOfMember(this.api(cluster), podUid, domain);
  }

  /** One echo request from a pod's own network. */
  ping(
    node: string,
    podUid: string,
    to: string,
    timeoutMs = 1000,
    packetBytes = to.includes(':') ? 52 : 32,
  ): Promise<ExchangeOutcome> {
    return this.node(node).node.exchange(
      { type: 'pod', podUid },
      {
        protocol: 'ICMP',
        to: to as IpAddress,
        port: 0,
        payload: new Uint8Array(packetBytes - (to.includes(':') ? 48 : 28)).fill(7),
        timeoutMs,
      },
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
    const started = await this.#startAgent(node);
    node.agent = started.agent;
    node.wireguard = started.wireguard;
  }

  /** Ends everything on a node and starts it again, with or without its files. */
  async reboot(name: string, { keepsKeys }: { readonly keepsKeys: boolean }): Promise<void> {
    const made = this.node(name);
    const { node, forwarder } = made;
    await made.agent.stop();
    made.wireguard.close();
    for (const domain of forwarder.domains()) await forwarder.remove(domain);
    for (const domain of node.routers.keys()) node.removeRouter(domain);
    for (const podUid of node.podUids()) {
      node.removePod(podUid);
      node.addPod(podUid);
    }
    if (!keepsKeys) this.#files.set(name, new MemoryFiles());
    Object.assign(made, await this.#startAgent(made));
  }

  async close(): Promise<void> {
    for (const { agent, wireguard, forwarder } of this.nodes) {
      await agent.stop();
      wireguard.close();
      for (const domain of forwarder.domains()) await forwarder.remove(domain);
    }
  }

  async #addNode(cluster: string, name: string, site?: SimulatedSite): Promise<void> {
    const number = this.nodes.length + 1;
    const address = site === undefined ? `192.0.2.${number}` : `10.0.0.${number}`;
    const host = this.underlay.addHost(name, [address as IpAddress], site);
    const clock = new NodeClock(this.#options.clock);
    const node = new MemoryNode({ clock, random: this.#random.bytes, host });
    const forwarder = new MemoryForwarder(node, { clock, crypto: nodeWireguardCrypto });
    this.#files.set(name, new MemoryFiles());
    this.api(cluster).put(nodeObject(name, address));
    const made = { cluster, name, clock, node, forwarder };
    this.nodes.push({ ...made, ...(await this.#startAgent(made)) });
  }

  async #startAgent({
    cluster,
    name,
    clock,
    node,
    forwarder,
  }: Omit<WorldNode, 'agent' | 'wireguard'>): Promise<Pick<WorldNode, 'agent' | 'wireguard'>> {
    const wireguard = new DeviceControl(memoryBackend(forwarder));
    const ports: AgentPorts = {
      cluster: this.api(cluster).forNode(name),
      network: new MemoryHostNetwork(node),
      wireguard,
      pods: node,
      sockets: memoryNamespaceSockets(node),
      clock,
      random: this.#random.bytes,
      crypto: nodeWireguardCrypto,
      log: SILENT_LOG,
      files: this.#files.get(name) ?? new MemoryFiles(),
    };
    const agent = await startAgent(this.#options.tamper(ports, node), {
      cluster: cluster as ClusterName,
      node: name as NodeName,
      dataDirectory: '/nowhere',
      servesNodeDns: false,
    });
    return { agent, wireguard };
  }
}
