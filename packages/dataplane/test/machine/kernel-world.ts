import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { NodeReport, ProbeRequest, ProbeResult } from '@flatland/shared/report/report';
import { nodeObject } from '../../src/agent/testing/objects.ts';
import type { AgentsWorld, NatKind } from '../compliance/agents-world-port.ts';
import { MemoryApi } from '../memory-world/memory-api.ts';
import { addressesOfMember, Mirror } from '../memory-world/mirror.ts';
import type { KernelFleet } from './kernel-fleet.ts';
import type { KernelNode } from './kernel-node.ts';

/**
 * Clusters of nodes in the kernel of a private machine: each node has network and mount namespaces of its
 * own, a forwarder process and an agent. The APIs and mirroring are the test's.
 */
export class KernelAgentsWorld implements AgentsWorld {
  readonly datapath = 'kernel';
  readonly apis = new Map<string, MemoryApi>();
  readonly mirror = new Mirror(this.apis);
  protected readonly fleet: KernelFleet;
  readonly #nodes = new Map<string, KernelNode>();
  readonly #directory = mkdtempSync(join(tmpdir(), 'flatland-world-'));

  constructor(fleet: KernelFleet) {
    this.fleet = fleet;
  }

  async addCluster(cluster: string, nNodes: number, nat?: NatKind): Promise<void> {
    this.apis.set(cluster, new MemoryApi(() => this.mirror.changed()));
    const behind = nat === undefined ? undefined : this.fleet.underlay.addNat(nat);
    const nodes = await this.fleet.take(nNodes);
    await Promise.all(
      nodes.map((node, i) => this.#addNode(node, { cluster, name: `${cluster}-${i + 1}`, nat: behind })),
    );
  }

  api(cluster: string): MemoryApi {
    const api = this.apis.get(cluster);
    if (api === undefined) throw new Error(`no cluster ${cluster}`);
    return api;
  }

  putEverywhere(...objects: readonly KubernetesObject[]): void {
    for (const api of this.apis.values()) api.put(...objects);
  }

  async addPods(cluster: string, objects: readonly KubernetesObject[]): Promise<void> {
    for (const object of objects) {
      const nodeName = (object['spec'] as { nodeName?: string } | undefined)?.nodeName;
      if (object.kind === 'Pod' && nodeName !== undefined)
        await this.#call(nodeName, 'addPod', object.metadata.uid);
    }
    this.api(cluster).put(...objects);
  }

  async removePod(cluster: string, name: string): Promise<void> {
    const pod = this.api(cluster).get('Pod', name);
    const nodeName = (pod?.['spec'] as { nodeName?: string } | undefined)?.nodeName;
    if (nodeName !== undefined) await this.#call(nodeName, 'removePod', pod?.metadata.uid);
    this.api(cluster).drop('Pod', name);
  }

  addressesOf(cluster: string, podUid: string, domain: string): IpAddress[] {
    return addressesOfMember(this.api(cluster), podUid, domain);
  }

  async ping(node: string, podUid: string, to: string, timeoutMs = 1000, packetBytes?: number) {
    return { kind: (await this.#call(node, 'ping', podUid, to, timeoutMs, packetBytes)) as string };
  }

  async sendForged(...[node, podUid, forged]: Parameters<AgentsWorld['sendForged']>): Promise<void> {
    await this.#call(node, 'sendForged', podUid, forged);
  }

  /** Runs a program in a namespace of a node. */
  run(node: string, namespace: string | undefined, command: readonly string[]): Promise<string> {
    return this.#call(node, 'run', namespace, command) as Promise<string>;
  }

  report(node: string): Promise<NodeReport> {
    return this.#call(node, 'report') as Promise<NodeReport>;
  }

  probe(node: string, request: ProbeRequest): Promise<ProbeResult> {
    return this.#call(node, 'probe', request) as Promise<ProbeResult>;
  }

  isReady(node: string): Promise<boolean> {
    return this.#call(node, 'isReady') as Promise<boolean>;
  }

  async restartAgent(node: string): Promise<void> {
    await this.#call(node, 'restartAgent');
  }

  async restartForwarder(node: string): Promise<void> {
    await this.#call(node, 'restartForwarder');
  }

  async reboot(node: string, { keepsKeys }: { readonly keepsKeys: boolean }): Promise<void> {
    await this.#call(node, 'reboot', keepsKeys);
  }

  async isClean(): Promise<boolean> {
    const clean = await Promise.all([...this.#nodes.keys()].map((node) => this.#call(node, 'isClean')));
    return clean.every((one) => one === true);
  }

  async close(): Promise<void> {
    for (const node of this.#nodes.values()) {
      await node.api?.stop();
      node.api = undefined;
    }
    await this.fleet.giveBack([...this.#nodes.values()]);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** The process of a node. */
  protected node(name: string): KernelNode {
    const node = this.#nodes.get(name);
    if (node === undefined) throw new Error(`no node ${name}`);
    return node;
  }

  async #addNode(
    node: KernelNode,
    { cluster, name, nat }: { cluster: string; name: string; nat: number | undefined },
  ): Promise<void> {
    this.#nodes.set(name, node);
    const address = await this.fleet.underlay.plugIn(node, nat);
    const api = this.api(cluster).forNode(name);
    node.api = api;
    this.api(cluster).put(nodeObject(name, address));
    await api.start(() => node.tellObjects());
    await node.call('become', cluster, name, join(this.#directory, name));
    node.tellObjects();
  }

  #call(nodeName: string, method: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.node(nodeName).call(method, ...args);
  }
}
