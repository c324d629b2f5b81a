import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { KubeletPort } from '@flatland/kube/server/kubelet-port';
import { clusterDirectory, LabCluster } from '../clusters/lab-cluster.ts';
import { LAB_CLUSTERS } from '../clusters/lab-clusters.ts';
import { writeKubeconfig } from '../clusters/kubeconfig.ts';
import { createLinks, refreshLinks } from '../clusters/link-clusters.ts';
import type { LinkEnd } from '../clusters/link-clusters.ts';
import { setUpCluster } from '../clusters/set-up-cluster.ts';
import { apiSocket } from '../data-directory.ts';
import type { DataDirectory } from '../data-directory.ts';
import type { DatapathChoice } from './choose-datapath.ts';
import type { LabNodes } from './nodes.ts';
import type { LabEvent } from './report.ts';
import { countPods, waitForPods } from './wait-for-pods.ts';

export type LabOptions = {
  readonly directory: DataDirectory;
  readonly choice: DatapathChoice;
  readonly nodes: LabNodes;
  readonly log: Logger;
  readonly tell: (event: LabEvent) => void;
  readonly startedMs: number;
  readonly nowMs: () => number;
};

/** The embedded clusters and their nodes. */
export class Lab {
  readonly #options: LabOptions;
  readonly clusters: readonly LabCluster[];

  private constructor(options: LabOptions, clusters: readonly LabCluster[]) {
    this.#options = options;
    this.clusters = clusters;
  }

  static async open(options: LabOptions): Promise<Lab> {
    const ports = await readPorts(options.directory);
    const { directory, log, nowMs, nodes } = options;
    const kubelets: KubeletPort = nodes.kubelets;
    const clusters = LAB_CLUSTERS.map(
      ({ name }) =>
        new LabCluster({
          name,
          directory: clusterDirectory(directory.root, name),
          // Relative to the working directory: socket paths must be short.
          socketPath: apiSocket('.', name),
          kubelets,
          log,
          nowMs,
          port: ports[name] ?? 0,
        }),
    );
    return new Lab(options, clusters);
  }

  /** Starts everything; resolves when the sample's pods are ready, or after a while with a warning. */
  async start(): Promise<void> {
    const { directory, tell, nodes, choice } = this.#options;
    await Promise.all(this.clusters.map((cluster) => this.#startServer(cluster)));
    await this.#notePorts();
    this.#step(
      `${this.clusters.length} API servers on ${this.clusters.map(({ access }) => access.url).join(', ')}`,
    );
    const definitions = new Map(LAB_CLUSTERS.map((definition) => [definition.name, definition]));
    const config = this.clusters.map(({ name, access }) => ({ definition: definitions.get(name)!, access }));
    const nodesReady = nodes.start(config);
    // Looked at below; a rejection before that must not count as unhandled.
    nodesReady.catch(() => {});
    const setUps = await Promise.all(
      this.clusters.map(({ client, name }) => setUpCluster(client, definitions.get(name)!)),
    );
    const isFirstStart = setUps.some((setUp) => setUp.isFirstStart);
    await Promise.all([
      isFirstStart ? createLinks(this.#linkEnds()) : refreshLinks(this.#linkEnds()),
      ...this.clusters.map((cluster) => cluster.startControllers()),
    ]);
    this.#step(isFirstStart ? 'sample created' : 'sample resumed');
    tell({ event: 'api', kubeconfig: directory.kubeconfig });
    await nodesReady;
    const nNodes = LAB_CLUSTERS.flatMap(({ nodes: all }) => all).length;
    this.#step(`${this.clusters.length} clusters, ${nNodes} nodes; datapath: ${choice.datapath}`);
    const waiting = await waitForPods(this.clusters, this.#options.startedMs);
    if (waiting.length > 0) tell({ event: 'warning', text: `not ready yet: ${waiting.join(', ')}` });
    tell({
      event: 'ready',
      datapath: choice.datapath,
      ...(choice.datapath === 'in-memory' ? { reason: choice.reason } : {}),
      clusters: this.clusters.length,
      nodes: nNodes,
      pods: countPods(this.clusters),
      kubeconfig: directory.kubeconfig,
      ms: this.#elapsedMs(),
    });
  }

  /** Takes one cluster's API server away. Its nodes and pods run on. */
  async stopCluster(cluster: LabCluster): Promise<void> {
    await cluster.stop();
  }

  /** Brings a cluster's API server back, at its address where that is free. */
  async startCluster(cluster: LabCluster): Promise<void> {
    if (cluster.isRunning) return;
    await this.#startServer(cluster);
    await this.#notePorts();
    await cluster.startControllers();
    await refreshLinks(this.#linkEnds());
  }

  async stop(): Promise<void> {
    await this.#options.nodes.stop();
    await Promise.all(this.clusters.map((cluster) => cluster.stop()));
  }

  async #startServer(cluster: LabCluster): Promise<void> {
    const { takenPort } = await cluster.startServer();
    if (takenPort === undefined) return;
    const text = `port ${takenPort} of ${cluster.name} is taken; its API server is on ${cluster.port} now`;
    this.#options.tell({ event: 'warning', text });
  }

  #linkEnds(): LinkEnd[] {
    return this.clusters
      .filter(({ isRunning }) => isRunning)
      .map(({ name, client, access }) => ({ name, client, url: access.url, caCertPem: access.caCertPem }));
  }

  /** Remembers the ports for the next start, and writes the kubeconfig. */
  async #notePorts(): Promise<void> {
    const { directory } = this.#options;
    const ports = Object.fromEntries(this.clusters.map(({ name, port }) => [name, port]));
    await writeFile(`${directory.labFile}.new`, `${JSON.stringify({ ports })}\n`, { mode: 0o600 });
    await rename(`${directory.labFile}.new`, directory.labFile);
    await writeKubeconfig(
      directory.kubeconfig,
      this.clusters.map(({ access }) => access),
    );
  }

  #step(text: string): void {
    this.#options.tell({ event: 'step', text, ms: this.#elapsedMs() });
  }

  #elapsedMs(): number {
    return Math.round(this.#options.nowMs() - this.#options.startedMs);
  }
}

async function readPorts(directory: DataDirectory): Promise<Record<string, number>> {
  try {
    const { ports } = JSON.parse(await readFile(directory.labFile, 'utf8')) as {
      ports?: Record<string, number>;
    };
    return Object.fromEntries(Object.entries(ports ?? {}).filter(([, port]) => Number.isInteger(port)));
  } catch {
    // A first start, or a file that somebody spoiled: any free ports will do.
    return {};
  }
}
