import { setTimeout } from 'node:timers/promises';
import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import { openKubeClient, type KubeClient } from '@flatland/kube/client/kube-client';
import type { NodeReport } from '@flatland/shared/report/report';
import type { Snapshot } from '@flatland/shared/topology/snapshot';
import type { ClusterOrigin } from '../api/cluster.ts';
import { AgentReports, agentPods, type AgentPod } from './agent-reports.ts';
import { ClusterWatch } from './cluster-watch.ts';
import { apiForOthers, type ConfiguredCluster } from './connections.ts';

const FIRST_READ_POLL_MS = 20;

export interface ClustersOptions {
  /** Those of the kubeconfig. */
  readonly configured: readonly ConfiguredCluster[];
  /** Those that a person connected before this start. */
  readonly connected?: readonly (ConfiguredCluster & { readonly readOnly: boolean })[];
  readonly onChange: () => void;
  readonly onReport: (report: NodeReport) => void;
  readonly onLog: (report: { readonly kind: string; readonly message: string }) => void;
  /** @default HEARTBEAT_MS */
  readonly heartbeatMs?: number;
}

/** A cluster that is not used, and why. */
export interface RefusedCluster {
  readonly name: string;
  readonly why: string;
  readonly origin: ClusterOrigin;
}

interface Followed {
  readonly watch: ClusterWatch;
  readonly reports: AgentReports;
  readonly origin: ClusterOrigin;
}

/** Every connected cluster, each by itself: none waits for another. Clusters come and go while the console runs. */
export class Clusters {
  readonly #followed = new Map<string, Followed>();
  readonly #refused: RefusedCluster[] = [];
  readonly #options: ClustersOptions;
  #snapshot: Snapshot | undefined;

  constructor(options: ClustersOptions) {
    this.#options = options;
    for (const cluster of options.configured) this.#take(cluster, { origin: 'kubeconfig', readOnly: false });
    for (const cluster of options.connected ?? [])
      this.#take(cluster, { origin: 'connected', readOnly: cluster.readOnly });
  }

  /** Takes up a cluster that a person connected. A name that is used already is refused; the one that has it stays. */
  add(cluster: ConfiguredCluster, { readOnly }: { readonly readOnly: boolean }): void {
    this.#take(cluster, { origin: 'connected', readOnly })?.start();
    this.#changed();
  }

  #take(
    cluster: ConfiguredCluster,
    { origin, readOnly }: { readonly origin: ClusterOrigin; readonly readOnly: boolean },
  ): ClusterWatch | undefined {
    if (!cluster.ok || this.#followed.has(cluster.name)) {
      const why = cluster.ok ? 'Another cluster has this name' : cluster.why;
      this.#refused.push({ name: cluster.name, why, origin });
      return undefined;
    }
    const { heartbeatMs, onLog, onReport } = this.#options;
    const client = openKubeClient(cluster.connection, {
      addressPolicy: localAddressPolicy,
      userAgent: 'flatland-console',
    });
    const watch = new ClusterWatch({
      client,
      name: cluster.name,
      readOnly,
      api: apiForOthers(cluster.connection),
      onReport: onLog,
      onChange: () => this.#changed(),
      ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
    });
    this.#followed.set(cluster.name, { watch, reports: new AgentReports(client, onReport), origin });
    return watch;
  }

  /** Follows a cluster that a person connected no more. Nothing is changed in it. */
  async remove(name: string): Promise<void> {
    const followed = this.#followed.get(name);
    const refused = this.#refused.findIndex((entry) => entry.name === name && entry.origin === 'connected');
    if (refused >= 0) this.#refused.splice(refused, 1);
    if (followed?.origin !== 'connected') return;
    this.#followed.delete(name);
    followed.reports.follow([]);
    this.#changed();
    await followed.watch.stop();
  }

  start(): void {
    for (const watch of this.all()) watch.start();
  }

  /** Waits until every cluster was read whole once, or for so long: first questions are then not answered from half a world. */
  async firstRead(timeoutMs: number): Promise<void> {
    const isRead = () => this.all().every((watch) => watch.waitsFor().length === 0);
    for (let waitedMs = 0; !isRead() && waitedMs < timeoutMs; waitedMs += FIRST_READ_POLL_MS)
      await setTimeout(FIRST_READ_POLL_MS);
  }

  async stop(): Promise<void> {
    for (const { reports } of this.#followed.values()) reports.follow([]);
    await Promise.all(this.all().map((watch) => watch.stop()));
  }

  /** All clusters as last seen. The same value until something changes. */
  snapshot(): Snapshot {
    this.#snapshot ??= { clusters: this.all().map((watch) => watch.snapshot()) };
    return this.#snapshot;
  }

  all(): readonly ClusterWatch[] {
    return [...this.#followed.values()].map(({ watch }) => watch);
  }

  /** Clusters that are not used, and why. */
  refused(): readonly RefusedCluster[] {
    return this.#refused;
  }

  /** Where a cluster’s connection came from; undefined for a name that no followed cluster has. */
  originOf(name: string): ClusterOrigin | undefined {
    return this.#followed.get(name)?.origin;
  }

  /** True where nothing may be written: a person wants it so, or the credentials may not. */
  isReadOnly(name: string): boolean {
    return this.#followed.get(name)?.watch.snapshot().readOnly === true;
  }

  /** Whether all objects of a kind were read from a cluster once. */
  hasRead(name: string, kind: string): boolean {
    return this.#followed.get(name)?.watch.hasRead(kind) === true;
  }

  /** The client of a connected cluster. */
  client(name: string): KubeClient | undefined {
    return this.#followed.get(name)?.watch.client;
  }

  /** The agent of a node, where one runs. */
  agentOn(cluster: string, node: string): AgentPod | undefined {
    const watch = this.#followed.get(cluster)?.watch;
    return watch === undefined
      ? undefined
      : agentPods(watch.snapshot().objects).find((pod) => pod.node === node);
  }

  /** Follows the reports of the agents that run. Called once for each snapshot that is taken up. */
  followAgents(): void {
    for (const { watch, reports } of this.#followed.values())
      reports.follow(agentPods(watch.snapshot().objects));
  }

  #changed(): void {
    this.#snapshot = undefined;
    this.#options.onChange();
  }
}
