import { setTimeout } from 'node:timers/promises';
import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import { openKubeClient, type KubeClient } from '@flatland/kube/client/kube-client';
import type { ClusterName } from '@flatland/shared/model/names';
import type { NodeReport } from '@flatland/shared/report/report';
import type { Snapshot } from '@flatland/shared/topology/snapshot';
import { AgentReports, agentPods, type AgentPod } from './agent-reports.ts';
import { ClusterWatch } from './cluster-watch.ts';
import type { ConfiguredCluster } from './connections.ts';

const FIRST_READ_POLL_MS = 20;

export interface ClustersOptions {
  readonly configured: readonly ConfiguredCluster[];
  readonly onChange: () => void;
  readonly onReport: (report: NodeReport) => void;
  readonly onLog: (report: { readonly kind: string; readonly message: string }) => void;
  /** @default HEARTBEAT_MS */
  readonly heartbeatMs?: number;
}

/** Every connected cluster, each by itself: none waits for another. */
export class Clusters {
  readonly #watches: readonly ClusterWatch[];
  readonly #reports = new Map<ClusterName, AgentReports>();
  readonly #options: ClustersOptions;
  #snapshot: Snapshot | undefined;

  constructor(options: ClustersOptions) {
    this.#options = options;
    this.#watches = options.configured.flatMap((cluster) => {
      if (!cluster.ok) return [];
      const client = openKubeClient(cluster.connection, {
        addressPolicy: localAddressPolicy,
        userAgent: 'flatland-console',
      });
      this.#reports.set(cluster.name, new AgentReports(client, options.onReport));
      return new ClusterWatch({
        client,
        name: cluster.name,
        onReport: options.onLog,
        onChange: () => this.#changed(),
        ...(options.heartbeatMs === undefined ? {} : { heartbeatMs: options.heartbeatMs }),
      });
    });
  }

  start(): void {
    for (const watch of this.#watches) watch.start();
  }

  /** Waits until every cluster was read whole once, or for so long: first questions are then not answered from half a world. */
  async firstRead(timeoutMs: number): Promise<void> {
    const isRead = () => this.#watches.every((watch) => watch.waitsFor().length === 0);
    for (let waitedMs = 0; !isRead() && waitedMs < timeoutMs; waitedMs += FIRST_READ_POLL_MS)
      await setTimeout(FIRST_READ_POLL_MS);
  }

  async stop(): Promise<void> {
    for (const reports of this.#reports.values()) reports.follow([]);
    await Promise.all(this.#watches.map((watch) => watch.stop()));
  }

  /** All clusters as last seen. The same value until something changes. */
  snapshot(): Snapshot {
    this.#snapshot ??= { clusters: this.#watches.map((watch) => watch.snapshot()) };
    return this.#snapshot;
  }

  all(): readonly ClusterWatch[] {
    return this.#watches;
  }

  /** Contexts of the kubeconfig that are not used, and why. */
  refused(): readonly { readonly name: string; readonly why: string }[] {
    return this.#options.configured.flatMap((cluster) => (cluster.ok ? [] : [cluster]));
  }

  /** The client of a connected cluster. */
  client(name: string): KubeClient | undefined {
    return this.#watches.find((watch) => watch.name === name)?.client;
  }

  /** The agent of a node, where one runs. */
  agentOn(cluster: string, node: string): AgentPod | undefined {
    const watch = this.#watches.find((candidate) => candidate.name === cluster);
    return watch === undefined
      ? undefined
      : agentPods(watch.snapshot().objects).find((pod) => pod.node === node);
  }

  /** Follows the reports of the agents that run. Called once for each snapshot that is taken up. */
  followAgents(): void {
    for (const watch of this.#watches) {
      this.#reports.get(watch.name)?.follow(agentPods(watch.snapshot().objects));
    }
  }

  #changed(): void {
    this.#snapshot = undefined;
    this.#options.onChange();
  }
}
