import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { localAddressPolicy } from '@flatland/kube/client/address-policy';
import { orThrow } from '@flatland/kube/client/error';
import { openKubeClient, type KubeClient } from '@flatland/kube/client/kube-client';
import { readKubeconfig } from '@flatland/kube/client/kubeconfig/read-kubeconfig';
import type { KubeObject } from '@flatland/kube/client/object';
import { listObjects, replaceObject } from '@flatland/kube/client/objects';
import { DaemonSet, Deployment } from '@flatland/kube/client/resources';
import { startEmbeddedServer, type EmbeddedServer } from '@flatland/kube/server/start-server';
import { SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import { kubeconfigOf } from '@flatland/kube/server/kubeconfig-of';
import { install, type InstallCommandOptions } from '../src/commands/install.ts';
import { uninstall, type UninstallCommandOptions } from '../src/commands/uninstall.ts';
import type { CommandIo } from '../src/io/command-io.ts';

/** An API server of a cluster, its kubeconfig, and what the command line prints when it works on it. */
export class InstallCluster implements AsyncDisposable {
  readonly kubeconfig: string;
  readonly client: KubeClient;
  readonly lines: string[] = [];
  readonly #directory: string;
  readonly #server: EmbeddedServer;

  private constructor(directory: string, server: EmbeddedServer, client: KubeClient) {
    this.kubeconfig = join(directory, 'kubeconfig');
    this.#directory = directory;
    this.#server = server;
    this.client = client;
  }

  static async start(): Promise<InstallCluster> {
    const directory = await mkdtemp(join(tmpdir(), 'flatland-install-'));
    const server = await startEmbeddedServer({ dataDir: join(directory, 'data'), clusterName: 'east' });
    const text = JSON.stringify(kubeconfigOf(server, { cluster: 'east', context: 'east' }));
    await writeFile(join(directory, 'kubeconfig'), text, { mode: 0o600 });
    const read = readKubeconfig(text, { addressPolicy: localAddressPolicy });
    const connection = read.ok ? read.value.contexts[0]?.connection : undefined;
    if (connection?.ok !== true) throw new Error('the kubeconfig of the test is no kubeconfig');
    const client = openKubeClient(connection.value, { addressPolicy: localAddressPolicy });
    return new InstallCluster(directory, server, client);
  }

  /** A kubeconfig of somebody with that token. */
  async kubeconfigWith(token: string): Promise<string> {
    const path = join(this.#directory, 'other-kubeconfig');
    const { url, caCertPem } = this.#server;
    const config = kubeconfigOf({ url, caCertPem, adminToken: token }, { cluster: 'east', context: 'east' });
    await writeFile(path, JSON.stringify(config), { mode: 0o600 });
    return path;
  }

  install(options: Partial<InstallCommandOptions> = {}): Promise<void> {
    return install(this.#io(), { kubeconfig: this.kubeconfig, timeout: '60', ...options }, []);
  }

  uninstall(options: Partial<UninstallCommandOptions> = {}): Promise<void> {
    return uninstall(this.#io(), { kubeconfig: this.kubeconfig, timeout: '60', ...options }, []);
  }

  /**
   * Keeps the statuses that a cluster with one node would give, for as long as `work` takes. Forwarders stay outdated
   * while nothing rolls them; `seen` hears of the strategy that does.
   */
  async withController<T>(work: () => Promise<T>, forwarders: Forwarders = {}): Promise<T> {
    let isOver = false;
    const controller = (async () => {
      while (!isOver) {
        for (const type of [DaemonSet, Deployment])
          for (const object of orThrow(await listObjects(this.client, type, { namespace: SYSTEM_NAMESPACE }))
            .items)
            if (!isCurrent(object)) await this.#setStatus(object as Workload, forwarders);
        await sleep(20);
      }
    })();
    try {
      return await work();
    } finally {
      isOver = true;
      await controller;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    await this.#server.close();
    await rm(this.#directory, { recursive: true });
  }

  #io(): CommandIo {
    const push = (line: string) => void this.lines.push(line);
    return { env: {}, out: push, err: push };
  }

  async #setStatus(object: Workload, { outdatedForwarders = 0, seen }: Forwarders): Promise<void> {
    const isDaemonSet = object.kind === 'DaemonSet';
    const wanted = object.spec.replicas ?? 1;
    const isForwarder = object.metadata.name === 'flatland-forwarder';
    const isRolling = object.spec.updateStrategy?.type === 'RollingUpdate';
    if (isForwarder && isRolling) seen?.(object.spec.updateStrategy!);
    const outdated = isForwarder && !isRolling ? outdatedForwarders : 0;
    const status = {
      observedGeneration: object.metadata.generation,
      ...(isDaemonSet
        ? {
            currentNumberScheduled: 1,
            desiredNumberScheduled: 1,
            updatedNumberScheduled: 1 - outdated,
            numberAvailable: 1,
            numberReady: 1,
            numberMisscheduled: 0,
          }
        : { replicas: wanted, updatedReplicas: wanted, availableReplicas: wanted }),
    };
    // Somebody else may have written meanwhile: the next round sees it.
    await replaceObject(this.client, isDaemonSet ? DaemonSet : Deployment, {
      object: { ...object, status },
      subresource: 'status',
    });
  }
}

interface Workload extends KubeObject {
  readonly spec: { readonly replicas?: number; readonly updateStrategy?: { readonly type: string } };
}

/** What a test wants of forwarders, and hears of them. */
interface Forwarders {
  readonly outdatedForwarders?: number;
  readonly seen?: (strategy: object) => void;
}

function isCurrent(object: KubeObject): boolean {
  const { status } = object as { status?: { observedGeneration?: number } };
  return status?.observedGeneration === object.metadata.generation;
}
