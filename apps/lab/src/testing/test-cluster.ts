import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orThrow } from '@flatland/kube/client/error';
import {
  createObject,
  deleteObject,
  getObject,
  listObjects,
  mergePatchObject,
} from '@flatland/kube/client/objects';
import { refOf } from '@flatland/kube/client/object';
import { Pod as PodResource } from '@flatland/kube/client/resources';
import { pino } from 'pino';
import { resourceOf } from '../clusters/apply-objects.ts';
import type { NodeDefinition } from '../clusters/cluster-definition.ts';
import { LabCluster } from '../clusters/lab-cluster.ts';
import { openAdminClient } from '../clusters/open-admin-client.ts';
import { Kubelet } from '../kubelet/kubelet.ts';
import { startHeartbeat } from '../kubelet/node-heartbeat.ts';
import { createKubeletServer } from '../kubelet/server/kubelet-server.ts';
import { kubeletDialer } from '../kubelet/server/kubelet-dialer.ts';
import type { KubeObject } from '../workloads/kinds/meta.ts';
import type { Pod } from '../workloads/kinds/pod.ts';
import { eventually } from './eventually.ts';
import { ScriptedRuntime } from './scripted-runtime.ts';

const NODES: readonly NodeDefinition[] = [1, 2].map((ordinal) => ({
  name: `n${ordinal}`,
  address: `192.0.2.${ordinal}`,
  podCidr: `10.244.${ordinal}.0/24`,
}));

/** An embedded cluster with its controllers and two kubelets over scripted runtimes. */
export class TestCluster {
  readonly cluster: LabCluster;
  readonly runtimes = new Map<string, ScriptedRuntime>();
  readonly #directory: string;
  readonly #nodes = new Map<string, { kubelet: Kubelet; stop: () => Promise<void> }>();

  private constructor(directory: string) {
    this.#directory = directory;
    this.cluster = new LabCluster({
      name: 'test',
      directory: join(directory, 'api'),
      socketPath: join(directory, 'api.sock'),
      kubelets: kubeletDialer((name) => join(directory, `${name}.sock`)),
      log: pino({ level: 'silent' }),
      nowMs: Date.now,
      port: 0,
    });
  }

  static async start(): Promise<TestCluster> {
    const test = new TestCluster(await mkdtemp(join(tmpdir(), 'fl-')));
    await test.cluster.startServer();
    await test.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    for (const { name } of NODES) await test.startNode(name);
    await test.cluster.startControllers();
    return test;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#nodes.keys()) await this.stopNode(name);
    await this.cluster.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Starts a node's kubelet. Its runtime is the one that it had before, if any. */
  async startNode(name: string): Promise<void> {
    const node = NODES.find((candidate) => candidate.name === name)!;
    const runtime = this.runtimes.get(name) ?? new ScriptedRuntime();
    this.runtimes.set(name, runtime);
    const client = openAdminClient(this.cluster.access, join(this.#directory, 'api.sock'));
    const log = pino({ level: 'silent' });
    const kubelet = new Kubelet({
      client,
      caPem: this.cluster.access.caCertPem,
      node,
      runtime,
      directory: join(this.#directory, 'nodes', name),
      log,
      nowMs: Date.now,
    });
    const server = createKubeletServer(kubelet, runtime);
    await rm(join(this.#directory, `${name}.sock`), { force: true });
    await new Promise<void>((resolve) => server.listen(join(this.#directory, `${name}.sock`), resolve));
    const stopHeartbeat = await startHeartbeat({
      client,
      cluster: 'test',
      node,
      runtimeName: 'test://',
      log,
      nowMs: Date.now,
    });
    await kubelet.start();
    const stop = async () => {
      stopHeartbeat();
      server.close();
      server.closeAllConnections();
      await kubelet.stop(100);
      await client.close();
    };
    this.#nodes.set(name, { kubelet, stop });
  }

  async stopNode(name: string): Promise<void> {
    await this.#nodes.get(name)?.stop();
    this.#nodes.delete(name);
  }

  async create(object: KubeObject): Promise<KubeObject> {
    return orThrow(await createObject(this.cluster.client, resourceOf(object), { object }));
  }

  async patch(object: KubeObject, patch: Record<string, unknown>): Promise<void> {
    const ref = refOf(object.metadata);
    orThrow(await mergePatchObject(this.cluster.client, resourceOf(object), { ...ref, patch }));
  }

  async get<T extends KubeObject>(object: KubeObject): Promise<T | undefined> {
    const answer = await getObject<T>(this.cluster.client, resourceOf(object), refOf(object.metadata));
    return answer.ok ? answer.value : undefined;
  }

  async delete(object: KubeObject): Promise<void> {
    const { name, namespace } = object.metadata;
    orThrow(await deleteObject(this.cluster.client, resourceOf(object), { name, namespace: namespace! }));
  }

  /** The pods of the namespace `shop`, sorted by name. */
  async pods(): Promise<Pod[]> {
    return orThrow(await listObjects<Pod>(this.cluster.client, PodResource, { namespace: 'shop' })).items;
  }

  /** Waits until the pods of `shop` are as the check wants them. */
  async untilPods(check: (pods: Pod[]) => void): Promise<Pod[]> {
    return eventually(async () => {
      const pods = await this.pods();
      check(pods);
      return pods;
    });
  }

  runtimeOf(pod: Pod): ScriptedRuntime {
    return this.runtimes.get(pod.spec.nodeName!)!;
  }
}
