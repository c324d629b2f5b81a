import { join } from 'node:path';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import type { KubeletPort } from '@flatland/kube/server/kubelet-port';
import { startEmbeddedServer } from '@flatland/kube/server/start-server';
import type { EmbeddedServer } from '@flatland/kube/server/start-server';
import type { Logger } from 'pino';
import { LabError } from '../lab/report.ts';
import type { ClusterState } from '../workloads/cluster-state.ts';
import { runControllers } from '../workloads/run-controllers.ts';
import type { ClusterAccess } from './kubeconfig.ts';
import { openAdminClient } from './open-admin-client.ts';

export type LabClusterOptions = {
  readonly name: string;
  /** Directory of the API server's state. */
  readonly directory: string;
  /** Where it listens beside its port; at most 107 bytes, relative to the working directory or absolute. */
  readonly socketPath: string;
  readonly kubelets: KubeletPort;
  readonly log: Logger;
  readonly nowMs: () => number;
};

/** One embedded cluster's control plane: its API server and its controllers. Can be stopped and started again. */
export class LabCluster {
  readonly name: string;
  readonly #options: LabClusterOptions;
  #server: EmbeddedServer | undefined;
  #client: KubeClient | undefined;
  #controllers: Awaited<ReturnType<typeof runControllers>> | undefined;
  /** The port of the last run, which the next one asks for. */
  #port: number;
  #access: ClusterAccess | undefined;

  constructor(options: LabClusterOptions & { port: number }) {
    this.name = options.name;
    this.#options = options;
    this.#port = options.port;
  }

  get isRunning(): boolean {
    return this.#server !== undefined;
  }

  get port(): number {
    return this.#port;
  }

  /** How it is reached. Stays while it is stopped. Throws before the first start. */
  get access(): ClusterAccess {
    if (this.#access === undefined) throw new Error(`cluster ${this.name} has not been started`);
    return this.#access;
  }

  /** What the controllers know of the cluster. Throws while they do not run. */
  get state(): ClusterState {
    if (this.#controllers === undefined) throw new Error(`the controllers of ${this.name} do not run`);
    return this.#controllers.state;
  }

  /** The lab's own client. Throws while it is stopped. */
  get client(): KubeClient {
    if (this.#client === undefined) throw new Error(`cluster ${this.name} does not run`);
    return this.#client;
  }

  /**
   * Starts the API server, at its first start on another port where the last run's is taken. Gives the port that was
   * taken, if so. Later starts keep the port, at which others know it; they reject with LabError where it is taken.
   */
  async startServer(): Promise<{ takenPort?: number }> {
    const { name, directory, socketPath, kubelets, log, nowMs } = this.#options;
    const start = (port: number) =>
      startEmbeddedServer({
        dataDir: directory,
        clusterName: name,
        port,
        socketPath,
        kubelets,
        nowMs,
        onError: (error) => log.error({ cluster: name, err: error }, 'API server error'),
      });
    const server = await start(this.#port).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || this.#port === 0) throw error;
      if (this.#access === undefined) return start(0);
      throw new LabError(`port ${this.#port} of ${name} is taken`, 'free the port, or start the lab anew');
    });
    const wanted = this.#port;
    this.#server = server;
    this.#port = server.port;
    this.#access = { name, url: server.url, caCertPem: server.caCertPem, adminToken: server.adminToken };
    this.#client = openAdminClient(this.#access, socketPath);
    return wanted === 0 || wanted === server.port ? {} : { takenPort: wanted };
  }

  /** Starts the controllers, once what they work on is there. */
  async startControllers(): Promise<void> {
    const { log, nowMs } = this.#options;
    this.#controllers = await runControllers(this.client, { caPem: this.access.caCertPem, log, nowMs });
  }

  async stop(): Promise<void> {
    await this.#controllers?.stop();
    this.#controllers = undefined;
    await this.#client?.close();
    this.#client = undefined;
    await this.#server?.close();
    this.#server = undefined;
  }
}

/** Where a cluster's API server keeps its state. */
export function clusterDirectory(dataDirectory: string, cluster: string): string {
  return join(dataDirectory, 'clusters', cluster);
}
