import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dialOverTls } from '@flatland/controller/link/dial-link';
import { startController } from '@flatland/controller/start-controller';
import type { Controller } from '@flatland/controller/start-controller';
import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import { orThrow } from '@flatland/kube/client/error';
import { openKubeClient } from '@flatland/kube/client/kube-client';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { listObjects } from '@flatland/kube/client/objects';
import type { Resource } from '@flatland/kube/client/resource';
import { Domain } from '@flatland/kube/client/resources';
import { sensitive } from '@flatland/kube/client/sensitive';
import { parseServerUrl } from '@flatland/kube/client/server-url';
import { startEmbeddedServer } from '@flatland/kube/server/start-server';
import type { EmbeddedServer } from '@flatland/kube/server/start-server';
import { FaultyProxy } from '@flatland/kube/testing/faulty-proxy/faulty-proxy';
import { customResourceDefinitions } from '@flatland/shared/manifest/crd/custom-resource-definition';
import { SILENT_LOG } from '@flatland/dataplane/ports/log';
import { FLATLAND_API_VERSION, SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import type { ClusterName } from '@flatland/shared/model/names';
import { applyObjects } from '../../src/clusters/apply-objects.ts';
import { eventually } from '../../src/testing/eventually.ts';
import type { KubeObject } from '../../src/workloads/kinds/meta.ts';
import { FaultNode } from './fault-node.ts';

/** An embedded cluster with agents and a controller in this process, each of which can be killed. */
export class FaultCluster {
  readonly name: string;
  /** Reaches the server itself, with all rights. */
  readonly direct: KubeClient;
  readonly nodes: FaultNode[] = [];
  /** The way by which each other cluster's controller comes here. */
  readonly ways = new Map<string, FaultyProxy>();
  readonly #server: EmbeddedServer;
  #controller: { readonly running: Controller; readonly client: KubeClient } | undefined;

  private constructor(name: string, server: EmbeddedServer) {
    this.name = name;
    this.#server = server;
    this.direct = this.openClient();
  }

  static async start(name: string, directory: string): Promise<FaultCluster> {
    const dataDir = join(directory, name, 'api');
    await mkdir(dataDir, { recursive: true });
    const cluster = new FaultCluster(name, await startEmbeddedServer({ dataDir, clusterName: name }));
    await applyObjects(cluster.direct, customResourceDefinitions() as KubeObject[]);
    await eventually(async () => void orThrow(await listObjects(cluster.direct, Domain)));
    for (const namespace of [SYSTEM_NAMESPACE, 'shop'])
      await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    return cluster;
  }

  /** A client of its own, as a process has. */
  openClient(): KubeClient {
    const server = parseServerUrl(this.#server.url);
    if (!server.ok) throw new Error(server.error);
    const { caCertPem: caPem, adminToken } = this.#server;
    const credential = { kind: 'token' as const, token: sensitive(adminToken) };
    return openKubeClient(
      { cluster: this.name, server: server.value, caPem, credential },
      { addressPolicy: localAddressPolicy },
    );
  }

  async apply(...objects: KubeObject[]): Promise<void> {
    await applyObjects(this.direct, objects);
  }

  async list<T>(kind: Resource): Promise<T[]> {
    return orThrow(await listObjects<T>(this.direct, kind)).items;
  }

  /** Links this cluster's controller to another cluster, by a way of its own. */
  async linkTo(other: FaultCluster): Promise<void> {
    const way = await FaultyProxy.start(other.#server);
    other.ways.set(this.name, way);
    await this.apply(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: `link-${other.name}`, namespace: SYSTEM_NAMESPACE },
        stringData: { token: other.#server.adminToken },
      },
      {
        apiVersion: FLATLAND_API_VERSION,
        kind: 'ClusterLink',
        metadata: { name: other.name },
        spec: {
          cluster: other.name,
          server: way.url,
          caBundle: way.caCertPem,
          mode: 'pull',
          secretName: `link-${other.name}`,
          hub: false,
        },
      },
    );
  }

  startController(): void {
    const client = this.openClient();
    const dialLink = dialOverTls({ addressPolicy: localAddressPolicy });
    const cluster = this.name as ClusterName;
    this.#controller = { running: startController({ cluster, client, dialLink, log: SILENT_LOG }), client };
  }

  /** As a kill does: whatever was under way to the API is cut, and nothing more is sent. */
  async killController(): Promise<void> {
    const killed = this.#controller;
    this.#controller = undefined;
    await killed?.client.close();
    await killed?.running.stop();
  }

  async stop(): Promise<void> {
    await this.killController();
    for (const node of this.nodes) await node.kill();
    for (const way of this.ways.values()) await way[Symbol.asyncDispose]();
    await this.direct.close();
    await this.#server.close();
  }
}
