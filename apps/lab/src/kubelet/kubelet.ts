import { join } from 'node:path';
import { KubeRequestError, orThrow } from '@flatland/kube/client/error';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { keyOf } from '@flatland/kube/client/list-watch/raw-object';
import { getObject } from '@flatland/kube/client/objects';
import type { Resource } from '@flatland/kube/client/resource';
import { ConfigMap, Pod as PodResource, Secret } from '@flatland/kube/client/resources';
import type { Logger } from 'pino';
import { DNS_SERVICE_ADDRESS } from '../clusters/cluster-definition.ts';
import type { NodeDefinition } from '../clusters/cluster-definition.ts';
import { Collection } from '../workloads/collection.ts';
import type { KubeObject } from '../workloads/kinds/meta.ts';
import type { Pod } from '../workloads/kinds/pod.ts';
import { sameJson } from '../workloads/template-hash.ts';
import { WorkQueue } from '../workloads/work-queue.ts';
import type { Again } from '../workloads/work-queue.ts';
import type { NodeRuntime } from './node-runtime.ts';
import { PodAddresses } from './pod-addresses.ts';
import { PodWorker } from './pod-worker.ts';
import { projectToken } from './service-account-token.ts';

export type KubeletOptions = {
  readonly client: KubeClient;
  readonly caPem: string;
  readonly node: NodeDefinition;
  readonly runtime: NodeRuntime;
  /** Directory for this node's pods, and for its disk. */
  readonly directory: string;
  readonly log: Logger;
  readonly nowMs: () => number;
};

/** Runs the pods that are bound to one node. */
export class Kubelet {
  readonly #options: KubeletOptions;
  readonly #pods: Collection<Pod>;
  readonly #queue: WorkQueue;
  readonly #workers = new Map<string, { key: string; worker: PodWorker; ended: boolean }>();
  readonly #addresses: PodAddresses;

  constructor(options: KubeletOptions) {
    this.#options = options;
    this.#addresses = new PodAddresses(options.node.podCidr);
    this.#queue = new WorkQueue({
      // A pod that takes its grace period to end must not keep others waiting.
      concurrency: 64,
      work: (key) => this.#sync(key),
      onError: (key, error) => {
        const isRace = error instanceof KubeRequestError && error.error.kind === 'conflict';
        if (!isRace) options.log.warn({ pod: key, err: error }, 'pod sync failed');
      },
    });
    this.#pods = new Collection<Pod>(options.client, PodResource, {
      fieldSelector: `spec.nodeName=${options.node.name}`,
      onChange: (pod) => this.#queue.add(keyOf(pod.metadata)),
    });
  }

  /** Resolves when the pods of this node are known and the sandboxes of others are gone. */
  async start(): Promise<void> {
    await this.#pods.whenSynced;
    const bound = new Set(this.#pods.list().map(({ metadata }) => metadata.uid!));
    const stale = (await this.#options.runtime.listSandboxes()).filter((uid) => !bound.has(uid));
    await Promise.all(stale.map((uid) => this.#options.runtime.removeSandbox(uid)));
  }

  /** A pod of this node and its worker, for logs and exec. */
  find(namespace: string, name: string): { pod: Pod; worker: PodWorker } | undefined {
    const pod = this.#pods.get(keyOf({ namespace, name }));
    const worker = pod === undefined ? undefined : this.#workers.get(pod.metadata.uid!)?.worker;
    return pod === undefined || worker === undefined ? undefined : { pod, worker };
  }

  /** Ends all containers. The pods stay in the API, and run again when the node comes back. */
  async stop(graceMs: number): Promise<void> {
    this.#pods.stop();
    await Promise.race([this.#queue.stop(), new Promise((resolve) => setTimeout(resolve, graceMs).unref())]);
    await Promise.all([...this.#workers.values()].map(({ worker }) => worker.shutDown(graceMs)));
  }

  async #sync(key: string): Promise<Again> {
    const pod = this.#pods.get(key);
    for (const [uid, entry] of this.#workers) {
      if (entry.key !== key || uid === pod?.metadata.uid) continue;
      await this.#end(uid, entry, REPLACED_GRACE_MS);
      this.#workers.delete(uid);
    }
    if (pod === undefined) return undefined;
    if (pod.metadata.deletionTimestamp !== undefined) {
      await this.#delete(pod);
      return undefined;
    }
    const { status, again } = await this.#worker(pod).sync(pod);
    const latest = this.#pods.get(key);
    if (latest === undefined || latest.metadata.uid !== pod.metadata.uid || sameJson(latest.status, status))
      return again;
    orThrow(await this.#pods.patch(latest, { status: withoutOld(latest.status, status) }, 'status'));
    return again;
  }

  async #delete(pod: Pod): Promise<void> {
    const uid = pod.metadata.uid!;
    const entry = this.#workers.get(uid);
    const { deletionGracePeriodSeconds } = pod.metadata as { deletionGracePeriodSeconds?: number };
    const graceMs = (deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
    if (entry === undefined) await this.#options.runtime.removeSandbox(uid);
    else await this.#end(uid, entry, graceMs);
    orThrow(await this.#pods.delete(pod, { gracePeriodSeconds: 0 }));
    this.#workers.delete(uid);
  }

  async #end(uid: string, entry: { worker: PodWorker; ended: boolean }, graceMs: number): Promise<void> {
    if (entry.ended) return;
    await entry.worker.terminate(graceMs);
    entry.ended = true;
    this.#addresses.release(uid);
  }

  #worker(pod: Pod): PodWorker {
    const uid = pod.metadata.uid!;
    const known = this.#workers.get(uid);
    if (known !== undefined) return known.worker;
    const { client, caPem, node, runtime, directory, nowMs, log } = this.#options;
    const key = keyOf(pod.metadata);
    const { namespace } = pod.metadata;
    const worker = new PodWorker({
      podUid: uid,
      runtime,
      hostAddress: node.address,
      directory: join(directory, 'pods', uid),
      disk: join(directory, 'disk'),
      resolvConf: resolvConf(namespace!),
      nowMs,
      log,
      sources: {
        configMap: (name) => dataOf(client, ConfigMap, { name, namespace: namespace! }, (text) => text),
        secret: (name) =>
          dataOf(client, Secret, { name, namespace: namespace! }, (text) =>
            Buffer.from(text, 'base64').toString(),
          ),
      },
      assignAddress: ({ spec, status }) =>
        spec.hostNetwork === true ? node.address : this.#addresses.assign(uid, status?.podIP),
      projectToken: (subject, target) =>
        projectToken(client, { pod: subject, caPem, directory: target, nowMs: nowMs() }),
      wake: () => this.#queue.add(key),
    });
    this.#workers.set(uid, { key, worker, ended: false });
    return worker;
  }
}

/** Grace of a pod that was removed from the API without one. */
const REPLACED_GRACE_MS = 1000;

function resolvConf(namespace: string): string {
  return (
    `search ${namespace}.svc.cluster.local svc.cluster.local cluster.local\n` +
    `nameserver ${DNS_SERVICE_ADDRESS}\noptions ndots:5\n`
  );
}

/** A merge patch keeps what it does not name: fields that are no longer there are named as null. */
function withoutOld(before: object | undefined, after: object): Record<string, unknown> {
  const gone = Object.keys(before ?? {}).filter((field) => !(field in after));
  return { ...after, ...Object.fromEntries(gone.map((field) => [field, null])) };
}

async function dataOf(
  client: KubeClient,
  resource: Resource,
  ref: { name: string; namespace: string },
  decode: (text: string) => string,
): Promise<Record<string, string> | undefined> {
  const answer = await getObject<KubeObject & { data?: Record<string, string> }>(client, resource, ref);
  if (!answer.ok && answer.error.kind === 'notFound') return undefined;
  const data = Object.entries(orThrow(answer).data ?? {});
  return Object.fromEntries(data.map(([key, value]) => [key, decode(value)]));
}
