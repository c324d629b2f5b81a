import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import type { Connection } from '@flatland/kube/client/connection';
import { openKubeClient, type KubeClient } from '@flatland/kube/client/kube-client';
import {
  applyObject,
  createObject,
  deleteObject,
  getObject,
  listObjects,
  replaceObject,
} from '@flatland/kube/client/objects';
import { refOf, type KubeObject, type OwnerReference } from '@flatland/kube/client/object';
import { orThrow } from '@flatland/kube/client/error';
import {
  ClusterLink,
  CustomResourceDefinition,
  Domain,
  Membership,
  Namespace,
  Node,
  Pod,
  Secret,
  ServiceAccount,
  StatefulSet,
} from '@flatland/kube/client/resources';
import { sensitive } from '@flatland/kube/client/sensitive';
import { parseServerUrl } from '@flatland/kube/client/server-url';
import { startEmbeddedServer, type EmbeddedServer } from '@flatland/kube/server/start-server';
import { customResourceDefinitions } from '@flatland/shared/manifest/crd/custom-resource-definition';
import { domainManifest } from '@flatland/shared/manifest/domain-manifest';
import { linkManifest } from '@flatland/shared/manifest/link-manifest';
import { membershipManifest } from '@flatland/shared/manifest/membership-manifest';
import { LINK_ACCOUNT, LINKS_SECRET } from '@flatland/shared/model/cluster-link';
import { SYSTEM_NAMESPACE, type KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { zDomainSpec } from '@flatland/shared/model/domain';
import { zClusterName, type ClusterName } from '@flatland/shared/model/names';
import type { ConfiguredCluster } from '../src/clusters/connections.ts';
import { SimulatedAgents } from './simulated-agents.ts';

/** `namespace/name` of a StatefulSet with one pod, in the domains named. */
export interface SimulatedWorkload {
  readonly cluster: string;
  readonly namespace: string;
  readonly name: string;
  readonly domains: readonly string[];
}

/** Opens a connection to the agent of a node. */
type ConnectAgent = (cluster: string, node: string) => Promise<Socket>;

const PREFIXES: Readonly<Record<string, string>> = { red: '10.81', green: '10.82', sandbox: '10.81' };

/** Real embedded API servers with nodes, workloads and domains, and agents that are simulated. */
export class SimulatedNetwork implements AsyncDisposable {
  readonly directory: string;
  readonly agents: SimulatedAgents;
  readonly #servers: Map<string, EmbeddedServer>;
  readonly #clients: Map<string, KubeClient>;
  readonly #workloads: readonly SimulatedWorkload[];
  readonly #away = new Set<string>();

  private constructor(parts: {
    workloads: readonly SimulatedWorkload[];
    directory: string;
    servers: Map<string, EmbeddedServer>;
    clients: Map<string, KubeClient>;
    agents: SimulatedAgents;
  }) {
    this.directory = parts.directory;
    this.#workloads = parts.workloads;
    this.agents = parts.agents;
    this.#servers = parts.servers;
    this.#clients = parts.clients;
  }

  /** @param connectPod where a connection to an agent's pod leads instead of to the simulated agents */
  static async start(
    workloads: readonly SimulatedWorkload[],
    connectPod?: ConnectAgent,
  ): Promise<SimulatedNetwork> {
    const directory = mkdtempSync(join(tmpdir(), 'flatland-network-'));
    const names = [...new Set(workloads.map(({ cluster }) => cluster))];
    const servers = new Map<string, EmbeddedServer>();
    const clients = new Map<string, KubeClient>();
    let agents: SimulatedAgents | undefined;
    const toAgent: ConnectAgent =
      connectPod ?? (async (cluster, node) => connect(await agents!.portOf(cluster, node), '127.0.0.1'));
    for (const cluster of names) {
      const server = await startServer({ directory, cluster, toAgent });
      servers.set(cluster, server);
      clients.set(cluster, openKubeClient(connectionTo(server), { addressPolicy: localAddressPolicy }));
    }
    for (const cluster of names) await install(clients.get(cluster)!, cluster, workloads, names);
    agents = new SimulatedAgents(clients);
    return new SimulatedNetwork({ directory, workloads, servers, clients, agents });
  }

  /** Clusters as the console's kubeconfig reader gives them. */
  configured(): ConfiguredCluster[] {
    return [...this.#servers].map(([name, server]) => ({
      ok: true,
      name: zClusterName.parse(name),
      connection: connectionTo(server),
    }));
  }

  /** Writes a kubeconfig with one context for each cluster. */
  writeKubeconfig(file: string): void {
    writeFileSync(file, this.kubeconfig(), { mode: 0o600 });
  }

  /** A kubeconfig with one context for each cluster, or for those named; with another token where one is given. */
  kubeconfig({ clusters, token }: { clusters?: readonly string[]; token?: string } = {}): string {
    const entries = [...this.#servers]
      .map(([name, server]) => ({ name, server }))
      .filter(({ name }) => clusters?.includes(name) ?? true);
    return JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: entries.map(({ name, server }) => ({
        name,
        cluster: {
          server: server.url,
          'certificate-authority-data': Buffer.from(server.caCertPem).toString('base64'),
        },
      })),
      users: entries.map(({ name, server }) => ({ name, user: { token: token ?? server.adminToken } })),
      contexts: entries.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
    });
  }

  /** Takes all ClusterLinks and tokens away: clusters that were connected and never linked. */
  async unlink(): Promise<void> {
    for (const client of this.#clients.values()) {
      for (const { metadata } of orThrow(await listObjects(client, ClusterLink)).items)
        orThrow(await deleteObject(client, ClusterLink, { name: metadata.name }));
      await deleteObject(client, Secret, { name: LINKS_SECRET, namespace: SYSTEM_NAMESPACE });
    }
  }

  client(cluster: string): KubeClient {
    return this.#clients.get(cluster)!;
  }

  /** Stops a cluster's API server as if its machine was gone. */
  async takeAway(cluster: string): Promise<void> {
    this.#away.add(cluster);
    await this.#servers.get(cluster)!.close();
  }

  /** Starts it again where it was. */
  async bringBack(cluster: string): Promise<void> {
    this.#away.delete(cluster);
    const { port } = this.#servers.get(cluster)!;
    const toAgent: ConnectAgent = async (name, node) =>
      connect(await this.agents.portOf(name, node), '127.0.0.1');
    this.#servers.set(cluster, await startServer({ directory: this.directory, cluster, toAgent, port }));
  }

  /** Brings clusters, Domains and Memberships back to what they were at the start. */
  async reset(): Promise<void> {
    for (const cluster of this.#away) await this.bringBack(cluster);
    this.agents.dead.clear();
    const clusters = [...this.#clients.keys()];
    for (const [cluster, client] of this.#clients) {
      for (const type of [Membership, Domain]) {
        const list = orThrow(await listObjects(client, type));
        for (const { metadata } of list.items) {
          orThrow(await deleteObject(client, type, refOf(metadata)));
        }
      }
      await applyDomains(client, this.#workloads, clusters);
      for (const workload of this.#workloads) {
        if (workload.cluster === cluster) await applyMemberships(client, workload);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agents.stop();
    for (const client of this.#clients.values()) await client.close();
    for (const server of this.#servers.values()) await server.close().catch(() => undefined);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Id of a simulated workload. */
export function idOf({ cluster, namespace, name }: Omit<SimulatedWorkload, 'domains'>): string {
  return `${cluster}/${namespace}/StatefulSet/${name}`;
}

function startServer(options: {
  directory: string;
  cluster: string;
  toAgent: ConnectAgent;
  port?: number;
}): Promise<EmbeddedServer> {
  const { directory, cluster, toAgent, port = 0 } = options;
  return startEmbeddedServer({
    dataDir: join(directory, cluster),
    clusterName: cluster,
    port,
    kubelets: {
      connectKubelet: () => Promise.reject(new Error('no kubelet here')),
      connectPod: ({ nodeName }) => toAgent(cluster, nodeName),
    },
  });
}

function connectionTo(server: EmbeddedServer): Connection {
  const url = parseServerUrl(server.url);
  if (!url.ok) throw new Error(url.error);
  return {
    cluster: server.clusterName,
    server: url.value,
    caPem: server.caCertPem,
    credential: { kind: 'token', token: sensitive(server.adminToken) },
  };
}

async function install(
  client: KubeClient,
  cluster: string,
  workloads: readonly SimulatedWorkload[],
  clusters: readonly string[],
): Promise<void> {
  for (const crd of customResourceDefinitions()) {
    orThrow(await createObject(client, CustomResourceDefinition, { object: crd as KubeObject }));
  }
  for (const crd of customResourceDefinitions()) await established(client, crd.metadata.name);
  const node = `${cluster}-n1`;
  await create(client, Node, { metadata: { name: node }, status: { addresses: [], conditions: [READY] } });
  const own = workloads.filter((workload) => workload.cluster === cluster);
  for (const namespace of new Set([SYSTEM_NAMESPACE, ...own.map((workload) => workload.namespace)])) {
    await create(client, Namespace, { metadata: { name: namespace } });
  }
  await createPod(client, {
    name: `flatland-agent-${node}`,
    namespace: SYSTEM_NAMESPACE,
    node,
    labels: { 'app.kubernetes.io/name': 'flatland-agent' },
  });
  await create(client, ServiceAccount, { metadata: { name: LINK_ACCOUNT, namespace: SYSTEM_NAMESPACE } });
  // Linked as an installation is: what a test makes of it is not about links unless it says so.
  for (const other of clusters.filter((name) => name !== cluster))
    await create(client, ClusterLink, linkTo(zClusterName.parse(other)));
  await applyDomains(client, workloads, clusters);
  for (const workload of own) await createWorkload(client, workload, node);
}

function linkTo(cluster: ClusterName) {
  return linkManifest({ cluster, server: 'https://192.0.2.1', caBundle: 'none', mode: 'pull', hub: false });
}

async function createWorkload(client: KubeClient, workload: SimulatedWorkload, node: string): Promise<void> {
  const { namespace, name } = workload;
  const labels = { app: name };
  const set = await create(client, StatefulSet, {
    metadata: { name, namespace },
    spec: {
      replicas: 1,
      serviceName: name,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'echo' }] } },
    },
  });
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    name,
    uid: set.metadata.uid ?? '',
    controller: true,
  };
  await createPod(client, { name: `${name}-0`, namespace, node, labels, owner });
  await applyMemberships(client, workload);
}

async function applyDomains(
  client: KubeClient,
  workloads: readonly SimulatedWorkload[],
  clusters: readonly string[],
): Promise<void> {
  for (const domain of new Set(workloads.flatMap(({ domains }) => domains))) {
    await apply(client, Domain, domainManifest(domain, zDomainSpec.parse(domainSpec(domain, clusters))));
  }
}

async function applyMemberships(
  client: KubeClient,
  { namespace, name, domains }: SimulatedWorkload,
): Promise<void> {
  for (const domain of domains) {
    const manifest = membershipManifest({ domain, namespace, kind: 'StatefulSet', name });
    await apply(client, Membership, manifest);
  }
}

async function createPod(
  client: KubeClient,
  pod: {
    name: string;
    namespace: string;
    node: string;
    labels: Record<string, string>;
    owner?: OwnerReference;
  },
): Promise<void> {
  const { name, namespace, node, labels, owner } = pod;
  const created = await create(client, Pod, {
    metadata: { name, namespace, labels, ...(owner === undefined ? {} : { ownerReferences: [owner] }) },
    spec: { nodeName: node, containers: [{ name: 'main', image: 'echo' }] },
  });
  const status = {
    phase: 'Running',
    conditions: [READY],
    podIP: '10.244.0.9',
    podIPs: [{ ip: '10.244.0.9' }],
  };
  orThrow(await replaceObject(client, Pod, { object: { ...created, status }, subresource: 'status' }));
}

const READY = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z' };

async function create(
  client: KubeClient,
  type: Parameters<typeof createObject>[1],
  object: Record<string, unknown> & { metadata: KubeObject['metadata'] },
): Promise<KubeObject> {
  return orThrow(await createObject(client, type, { object }));
}

async function apply(
  client: KubeClient,
  type: Parameters<typeof applyObject>[1],
  object: KubernetesObject,
): Promise<void> {
  orThrow(
    await applyObject(client, type, { object: object as KubeObject, fieldManager: 'flatland-console' }),
  );
}

async function established(client: KubeClient, name: string): Promise<void> {
  for (let n = 0; n < 200; n++) {
    const crd = await getObject(client, CustomResourceDefinition, { name });
    if (
      crd.ok &&
      /"type":"Established"[^}]*"status":"True"|"status":"True"[^}]*"type":"Established"/.test(
        JSON.stringify(crd.value['status']),
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${name} is not established`);
}

function domainSpec(domain: string, clusters: readonly string[]) {
  const prefix = PREFIXES[domain] ?? '10.90';
  return {
    prefixes: [`${prefix}.0.0/16`],
    clusters: clusters.map((name, index) => ({ name, slices: [`${prefix}.${index * 16}.0/20`] })),
    home: clusters[0],
    dnsName: `${domain}.flatland`,
    allowedNamespaces: ['*'],
    owner: 'harbor.example',
    target: 'flatland',
  };
}
