import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import { orThrow } from '@flatland/kube/client/error';
import { openKubeClient } from '@flatland/kube/client/kube-client';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { applyObject, getObject, listObjects } from '@flatland/kube/client/objects';
import type { Resource } from '@flatland/kube/client/resource';
import {
  ClusterLink,
  CustomResourceDefinition,
  Domain,
  Namespace,
  Node,
  Secret,
} from '@flatland/kube/client/resources';
import { sensitive } from '@flatland/kube/client/sensitive';
import { parseServerUrl } from '@flatland/kube/client/server-url';
import { startEmbeddedServer } from '@flatland/kube/server/start-server';
import type { EmbeddedServer } from '@flatland/kube/server/start-server';
import { customResourceDefinitions } from '@flatland/shared/manifest/crd/custom-resource-definition';
import { FLATLAND_API_VERSION, SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { ClusterName } from '@flatland/shared/model/names';
import { dialOverTls } from '../src/link/dial-link.ts';
import { startController } from '../src/start-controller.ts';
import type { Controller } from '../src/start-controller.ts';
import type { ShiftedClock } from './shifted-clock.ts';

/** An embedded cluster with Flatland's kinds, and a controller when one is started. */
export class TestCluster implements AsyncDisposable {
  readonly name: ClusterName;
  readonly client: KubeClient;
  readonly #server: EmbeddedServer;
  readonly #folder: string;
  #controller: Controller | undefined;

  private constructor(name: string, server: EmbeddedServer, folder: string) {
    this.name = name as ClusterName;
    this.#server = server;
    this.#folder = folder;
    const url = parseServerUrl(server.url);
    if (!url.ok) throw new Error(url.error);
    this.client = openKubeClient(
      {
        cluster: name,
        server: url.value,
        caPem: server.caCertPem,
        credential: { kind: 'token', token: sensitive(server.adminToken) },
      },
      { addressPolicy: localAddressPolicy },
    );
  }

  static async start(name: string, nodes: readonly string[]): Promise<TestCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'flatland-controller-'));
    const server = await startEmbeddedServer({ dataDir: folder, clusterName: name });
    const cluster = new TestCluster(name, server, folder);
    for (const crd of customResourceDefinitions()) await cluster.apply(CustomResourceDefinition, crd);
    await cluster.until(async () => {
      expectOk(await listObjects(cluster.client, Domain));
    });
    await cluster.apply(Namespace, {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: SYSTEM_NAMESPACE },
    });
    for (const node of nodes) {
      await cluster.apply(Node, { apiVersion: 'v1', kind: 'Node', metadata: { name: node } });
    }
    return cluster;
  }

  startController(clock: ShiftedClock): void {
    const log = { info() {}, warn() {}, error() {} };
    const dialLink = dialOverTls({ addressPolicy: localAddressPolicy });
    this.#controller = startController({ cluster: this.name, client: this.client, dialLink, log, clock });
  }

  async stopController(): Promise<void> {
    await this.#controller?.stop();
    this.#controller = undefined;
  }

  async apply(kind: Resource, object: KubernetesObject): Promise<KubernetesObject> {
    return orThrow(
      await applyObject<KubernetesObject>(this.client, kind, { object, fieldManager: 'test', force: true }),
    );
  }

  async get(kind: Resource, name: string, namespace?: string): Promise<KubernetesObject | undefined> {
    const found = await getObject<KubernetesObject>(this.client, kind, {
      name,
      ...(namespace === undefined ? {} : { namespace }),
    });
    return found.ok ? found.value : undefined;
  }

  async names(kind: Resource): Promise<string[]> {
    const list = orThrow(await listObjects<KubernetesObject>(this.client, kind));
    return list.items.map((object) => object.metadata.name);
  }

  /** Links this cluster to another, with the other's token. */
  async link(
    to: TestCluster,
    options: { mode: 'pull' | 'push'; hub?: boolean; token?: string; as?: string },
  ): Promise<void> {
    await this.apply(Secret, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: `link-${to.name}`, namespace: SYSTEM_NAMESPACE },
      stringData: { token: options.token ?? to.#server.adminToken },
    } as KubernetesObject);
    await this.apply(ClusterLink, {
      apiVersion: FLATLAND_API_VERSION,
      kind: 'ClusterLink',
      metadata: { name: to.name },
      spec: {
        cluster: options.as ?? to.name,
        server: to.#server.url,
        caBundle: to.#server.caCertPem,
        mode: options.mode,
        secretName: `link-${to.name}`,
        hub: options.hub ?? false,
      },
    } as KubernetesObject);
  }

  /** Repeats until it does not throw, or ten seconds have passed. */
  async until(check: () => Promise<void>): Promise<void> {
    const endMs = performance.now() + 10_000;
    for (;;) {
      try {
        return await check();
      } catch (error) {
        if (performance.now() > endMs) throw error;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    }
  }

  /** Takes the API away; what asks is refused. */
  async stopServer(): Promise<void> {
    await this.#server.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopController();
    await this.client.close();
    await this.#server.close();
    await rm(this.#folder, { recursive: true });
  }
}

function expectOk(result: { readonly ok: boolean }): void {
  if (!result.ok) throw new Error('not yet');
}
