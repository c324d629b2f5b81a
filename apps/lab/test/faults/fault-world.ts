import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SimulatedNetwork } from '@flatland/dataplane/io/memory/simulated-network';
import { systemClock } from '@flatland/dataplane/io/node/system-clock';
import { orThrow } from '@flatland/kube/client/error';
import { createObject, deleteObject, mergePatchObject } from '@flatland/kube/client/objects';
import { sendRequest } from '@flatland/kube/client/request';
import { Membership, Node, Pod } from '@flatland/kube/client/resources';
import {
  FLATLAND_API_VERSION,
  OWNER_LABEL,
  OWNER_LABEL_VALUE,
} from '@flatland/shared/model/kubernetes-object';
import { toAddress } from '../../src/in-memory/memory-underlay.ts';
import type { KubeObject } from '../../src/workloads/kinds/meta.ts';
import { FaultCluster } from './fault-cluster.ts';
import { FaultNode } from './fault-node.ts';

/** Several clusters over embedded API servers, all linked to each other, on one simulated underlay. */
export class FaultWorld implements AsyncDisposable {
  readonly clusters = new Map<string, FaultCluster>();
  readonly underlay: SimulatedNetwork;
  readonly #directory: string;
  readonly #podUids = new Map<string, string>();

  private constructor(directory: string) {
    this.#directory = directory;
    this.underlay = new SimulatedNetwork({ clock: systemClock, random: Math.random });
    this.underlay.setConditions({ latencyMs: 0.2 });
  }

  static async start(names: readonly string[], nNodes: number): Promise<FaultWorld> {
    const directory = await mkdtemp(join(tmpdir(), 'fl-faults-'));
    const world = new FaultWorld(directory);
    for (const [i, name] of names.entries()) {
      const cluster = await FaultCluster.start(name, directory);
      world.clusters.set(name, cluster);
      for (let n = 1; n <= nNodes; n += 1) await world.#addNode(cluster, `192.0.2.${i * 10 + n}`);
    }
    const all = [...world.clusters.values()];
    for (const from of all) for (const to of all) if (from !== to) await from.linkTo(to);
    for (const cluster of all) cluster.startController();
    return world;
  }

  cluster(name: string): FaultCluster {
    const cluster = this.clusters.get(name);
    if (cluster === undefined) throw new Error(`no cluster ${name}`);
    return cluster;
  }

  async #addNode(cluster: FaultCluster, address: string): Promise<void> {
    const name = `${cluster.name}-${cluster.nodes.length + 1}`;
    await cluster.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name } });
    const patch = { status: { addresses: [{ type: 'InternalIP', address }] } };
    orThrow(await mergePatchObject(cluster.direct, Node, { name, patch, subresource: 'status' }));
    const node = new FaultNode({
      cluster: cluster.name,
      name,
      host: this.underlay.addHost(name, [toAddress(address)]),
      directory: join(this.#directory, cluster.name),
      openClient: () => cluster.openClient(),
    });
    cluster.nodes.push(node);
    await node.startAgent();
  }

  /** Makes a domain over all clusters, the first of which is its home. */
  async addDomain(name: string, prefix: string): Promise<void> {
    const names = [...this.clusters.keys()];
    for (const cluster of this.clusters.values())
      await cluster.apply({
        apiVersion: FLATLAND_API_VERSION,
        kind: 'Domain',
        metadata: { name, labels: { [OWNER_LABEL]: OWNER_LABEL_VALUE } },
        spec: {
          prefixes: [`${prefix}.0.0/16`],
          clusters: names.map((each, i) => ({ name: each, slices: [`${prefix}.${i * 16}.0/20`] })),
          home: names[0],
          dnsName: `${name}.flatland`,
          allowedNamespaces: ['*'],
          owner: 'harbor.example',
          target: 'flatland',
        },
      });
  }

  /** Makes pods of an app members of a domain. */
  async addMembership(cluster: string, domain: string, app: string): Promise<void> {
    await this.cluster(cluster).apply({
      apiVersion: FLATLAND_API_VERSION,
      kind: 'Membership',
      metadata: { name: `${domain}-${app}`, namespace: 'shop' },
      spec: { domain, selector: { matchLabels: { app } } },
    });
  }

  async removeMembership(cluster: string, domain: string, app: string): Promise<void> {
    const { direct } = this.cluster(cluster);
    orThrow(await deleteObject(direct, Membership, { name: `${domain}-${app}`, namespace: 'shop' }));
  }

  /** Runs a pod of an app on a node. */
  async addPod(node: FaultNode, pod: { cluster: string; name: string; app: string }): Promise<void> {
    const { direct } = this.cluster(pod.cluster);
    const object: KubeObject = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: pod.name, namespace: 'shop', labels: { app: pod.app } },
      spec: { nodeName: node.name, containers: [{ name: 'main', image: 'echo' }] },
    };
    const made = orThrow(await createObject<KubeObject>(direct, Pod, { object }));
    const uid = made.metadata.uid!;
    this.#podUids.set(`${pod.cluster} ${pod.name}`, uid);
    node.memory.addPod(uid);
    const ref = { name: pod.name, namespace: 'shop' };
    const patch = { status: { phase: 'Running' } };
    orThrow(await mergePatchObject(direct, Pod, { ...ref, patch, subresource: 'status' }));
  }

  async removePod(node: FaultNode, pod: { cluster: string; name: string }): Promise<void> {
    const { direct } = this.cluster(pod.cluster);
    const uid = this.uidOf(pod);
    const path = `/api/v1/namespaces/shop/pods/${pod.name}?gracePeriodSeconds=0`;
    orThrow(await sendRequest(direct, { method: 'DELETE', path, idempotency: 'idempotent' }));
    node.memory.removePod(uid);
  }

  uidOf({ cluster, name }: { cluster: string; name: string }): string {
    return this.#podUids.get(`${cluster} ${name}`)!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const cluster of this.clusters.values()) {
      await cluster.stop();
      for (const node of cluster.nodes) await node.dismantle();
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}
