import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '@flatland/kube/client/clock';
import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import { orThrow } from '@flatland/kube/client/error';
import { openKubeClient } from '@flatland/kube/client/kube-client';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { mintLinkToken, putLinkToken } from '@flatland/kube/client/link-token';
import { applyObject, getObject, listObjects } from '@flatland/kube/client/objects';
import type { Resource } from '@flatland/kube/client/resource';
import {
  ClusterLink,
  ClusterRole,
  ClusterRoleBinding,
  CustomResourceDefinition,
  Domain,
  Namespace,
  Node,
  Role,
  RoleBinding,
  ServiceAccount,
} from '@flatland/kube/client/resources';
import { sensitive } from '@flatland/kube/client/sensitive';
import type { Sensitive } from '@flatland/kube/client/sensitive';
import { createToken } from '@flatland/kube/client/service-account-token';
import { parseServerUrl } from '@flatland/kube/client/server-url';
import { startEmbeddedServer } from '@flatland/kube/server/start-server';
import type { EmbeddedServer } from '@flatland/kube/server/start-server';
import { FaultyProxy } from '@flatland/kube/testing/faulty-proxy/faulty-proxy';
import { customResourceDefinitions } from '@flatland/shared/manifest/crd/custom-resource-definition';
import { LINK_TOKEN_SECONDS, LINKS_SECRET } from '@flatland/shared/model/cluster-link';
import { rbacManifests } from '@flatland/shared/manifest/install/rbac';
import { FLATLAND_API_VERSION, SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { ClusterName } from '@flatland/shared/model/names';
import { dialOverTls } from '../src/link/dial-link.ts';
import { startController } from '../src/start-controller.ts';
import type { Controller } from '../src/start-controller.ts';

/** An embedded cluster with Flatland's kinds, and a controller when one is started. */
export class TestCluster implements AsyncDisposable {
  readonly name: ClusterName;
  /** May do anything. */
  readonly client: KubeClient;
  readonly #server: EmbeddedServer;
  readonly #folder: string;
  #controller: Controller | undefined;
  #controllerClient: KubeClient | undefined;

  private constructor(name: string, server: EmbeddedServer, folder: string) {
    this.name = name as ClusterName;
    this.#server = server;
    this.#folder = folder;
    this.client = this.#clientOf(sensitive(server.adminToken));
  }

  #clientOf(token: Sensitive): KubeClient {
    const server = parseServerUrl(this.#server.url);
    if (!server.ok) throw new Error(server.error);
    const { caCertPem: caPem } = this.#server;
    return openKubeClient(
      { cluster: this.name, server: server.value, caPem, credential: { kind: 'token', token } },
      { addressPolicy: localAddressPolicy },
    );
  }

  /** A client with an account's rights, or with a token's. The caller closes it. */
  async clientOf(who: { account: string } | { token: string }): Promise<KubeClient> {
    return this.#clientOf('token' in who ? sensitive(who.token) : await this.#tokenOf(who.account));
  }

  async #tokenOf(account: string): Promise<Sensitive> {
    const ref = { name: account, namespace: SYSTEM_NAMESPACE };
    // Longer than any test sets its clock forward.
    const { token } = orThrow(await createToken(this.client, ref, { expirationSeconds: 365 * 86_400 }));
    return token;
  }

  static async start(name: string, nodes: readonly string[], nowMs?: () => number): Promise<TestCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'flatland-controller-'));
    const server = await startEmbeddedServer({
      dataDir: folder,
      clusterName: name,
      ...(nowMs === undefined ? {} : { nowMs }),
    });
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
    for (const manifest of rbacManifests()) await cluster.apply(RBAC[manifest.kind]!, manifest);
    await cluster.#allowLinks('flatland-link-push', 'flatland-link-hub');
    for (const node of nodes) {
      await cluster.apply(Node, { apiVersion: 'v1', kind: 'Node', metadata: { name: node } });
    }
    return cluster;
  }

  /** What a process needs to reach the API with an account's rights. */
  async accessOf(account: string): Promise<{ url: string; caPem: string; token: string }> {
    const token = (await this.#tokenOf(account)).reveal();
    return { url: this.#server.url, caPem: this.#server.caCertPem, token };
  }

  /** Starts the controller with no more rights than an installation gives it. */
  async startController(clock: Clock): Promise<void> {
    this.#controllerClient = this.#clientOf(await this.#tokenOf('flatland-controller'));
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    const dialLink = dialOverTls({ addressPolicy: localAddressPolicy });
    const client = this.#controllerClient;
    this.#controller = startController({ cluster: this.name, client, dialLink, log, clock });
  }

  async stopController(): Promise<void> {
    await this.#controller?.stop();
    await this.#controllerClient?.close();
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
    options: {
      mode: 'pull' | 'push';
      hub?: boolean;
      token?: string;
      as?: string;
      way?: FaultyProxy;
      lifeSeconds?: number;
    },
  ): Promise<void> {
    const minted = await mintLinkToken(to.client, options.lifeSeconds ?? LINK_TOKEN_SECONDS);
    const token = options.token === undefined ? orThrow(minted).token : sensitive(options.token);
    orThrow(await putLinkToken(this.client, token, { key: to.name, fieldManager: 'test' }));
    await this.apply(ClusterLink, {
      apiVersion: FLATLAND_API_VERSION,
      kind: 'ClusterLink',
      metadata: { name: to.name },
      spec: {
        cluster: options.as ?? to.name,
        server: (options.way ?? to.#server).url,
        caBundle: (options.way ?? to.#server).caCertPem,
        mode: options.mode,
        secretName: LINKS_SECRET,
        secretKey: to.name,
        hub: options.hub ?? false,
      },
    } as KubernetesObject);
  }

  /** Pulls from another cluster by a way that can be broken. */
  async linkByProxy(to: TestCluster): Promise<FaultyProxy> {
    const way = await FaultyProxy.start(to.#server);
    await this.link(to, { mode: 'pull', way });
    return way;
  }

  /** Gives links the rights that pushing, and reading what a hub passes on, need besides. */
  async #allowLinks(...roles: string[]): Promise<void> {
    for (const name of roles) {
      await this.apply(ClusterRoleBinding, {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
        subjects: [{ kind: 'ServiceAccount', name: 'flatland-link', namespace: SYSTEM_NAMESPACE }],
      } as KubernetesObject);
    }
  }

  /** Repeats until it does not throw, or forty seconds have passed. */
  async until(check: () => Promise<void>): Promise<void> {
    const endMs = performance.now() + 40_000;
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

const RBAC: Readonly<Record<string, Resource>> = {
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
  ServiceAccount,
};

function expectOk(result: { readonly ok: boolean }): void {
  if (!result.ok) throw new Error('not yet');
}
