import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { NodeReport, ProbeRequest, ProbeResult } from '@flatland/shared/report/report';
import type { ClusterApi, WriteOutcome } from '../../src/agent/cluster/cluster-api.ts';
import { nodeObject } from '../../src/agent/testing/objects.ts';
import type { AgentsWorld } from '../compliance/agents-world-port.ts';
import { MemoryApi } from '../memory-world/memory-api.ts';
import { addressesOfMember, Mirror } from '../memory-world/mirror.ts';
import type { FromNode, NodeWrite } from './node-messages.ts';

const NODE_MAIN = new URL('node-main.ts', import.meta.url).pathname;

interface KernelNode {
  readonly cluster: string;
  readonly name: string;
  readonly child: ChildProcess;
  readonly api: ClusterApi;
  readonly waiting: Map<number, (message: Extract<FromNode, { type: 'result' }>) => void>;
}

/**
 * Clusters of nodes in the kernel of a private machine: each node has network and mount namespaces of its
 * own, a forwarder process and an agent; a bridge is their underlay. The APIs and mirroring are the test's.
 */
export class KernelAgentsWorld implements AgentsWorld {
  readonly datapath = 'kernel';
  readonly apis = new Map<string, MemoryApi>();
  readonly mirror = new Mirror(this.apis);
  readonly #nodes = new Map<string, KernelNode>();
  readonly #directory = mkdtempSync(join(tmpdir(), 'flatland-world-'));
  #nextId = 1;

  constructor() {
    execFileSync('ip', ['link', 'add', 'underlay', 'type', 'bridge']);
    execFileSync('ip', ['link', 'set', 'underlay', 'up']);
  }

  async addCluster(cluster: string, nNodes: number): Promise<void> {
    this.apis.set(cluster, new MemoryApi(() => this.mirror.changed()));
    const names = Array.from({ length: nNodes }, (_, i) => `${cluster}-${i + 1}`);
    const first = this.#nodes.size + 1;
    await Promise.all(names.map((name, i) => this.#addNode(cluster, name, first + i)));
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

  async ping(node: string, podUid: string, to: string, timeoutMs = 1000) {
    return { kind: (await this.#call(node, 'ping', podUid, to, timeoutMs)) as string };
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

  async isClean(): Promise<boolean> {
    const clean = await Promise.all([...this.#nodes.keys()].map((node) => this.#call(node, 'isClean')));
    return clean.every((one) => one === true);
  }

  async close(): Promise<void> {
    for (const { child, api } of this.#nodes.values()) {
      await api.stop();
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
    }
    execFileSync('ip', ['link', 'del', 'underlay']);
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #addNode(cluster: string, name: string, number: number): Promise<void> {
    const address = `192.0.2.${number}`;
    const dataDirectory = join(this.#directory, name);
    const child = spawn(
      'unshare',
      ['--net', '--mount', process.execPath, NODE_MAIN, cluster, name, dataDirectory],
      {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: { ...process.env, LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'error' },
      },
    );
    const api = this.api(cluster).forNode(name);
    const node: KernelNode = { cluster, name, child, api, waiting: new Map() };
    this.#nodes.set(name, node);
    const started = new Promise<void>((resolve) => {
      child.on('message', (message: FromNode) => {
        if (message.type === 'started') resolve();
        if (message.type === 'result') node.waiting.get(message.id)?.(message);
        if (message.type === 'write')
          void write(api, message.write).then((outcome) =>
            child.send({ type: 'written', id: message.id, outcome }),
          );
      });
    });
    await started;
    await this.#plugIn(node, number, address);
    this.api(cluster).put(nodeObject(name, address));
    const tell = () => void (child.connected && child.send({ type: 'objects', objects: api.objects() }));
    await api.start(tell);
    tell();
  }

  /** Gives a node its interface in the underlay. */
  async #plugIn({ name, child }: KernelNode, number: number, address: string): Promise<void> {
    const port = `n${number}`;
    execFileSync('ip', [
      'link',
      'add',
      port,
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      String(child.pid),
    ]);
    execFileSync('ip', ['link', 'set', port, 'master', 'underlay', 'up']);
    for (const command of [
      ['link', 'set', 'lo', 'up'],
      ['addr', 'add', `${address}/24`, 'dev', 'eth0'],
      ['link', 'set', 'eth0', 'up'],
      ['route', 'add', 'default', 'via', '192.0.2.254'],
    ])
      await this.#call(name, 'run', undefined, ['ip', ...command]);
  }

  #call(nodeName: string, method: string, ...args: readonly unknown[]): Promise<unknown> {
    const node = this.#nodes.get(nodeName);
    if (node === undefined) throw new Error(`no node ${nodeName}`);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      node.waiting.set(id, ({ value, error }) => {
        node.waiting.delete(id);
        if (error === undefined) resolve(value);
        else reject(new Error(error));
      });
      node.child.send({ type: 'call', id, method, args });
    });
  }
}

function write(api: ClusterApi, wanted: NodeWrite): Promise<WriteOutcome> {
  switch (wanted.verb) {
    case 'create':
      return api.create(wanted.object);
    case 'apply':
      return api.apply(wanted.object);
    case 'remove':
      return api.remove(wanted.kind, wanted.name);
  }
}
