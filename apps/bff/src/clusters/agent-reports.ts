import { sleep } from '@flatland/kube/client/clock';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { JsonLineReader } from '@flatland/kube/client/list-watch/json-lines';
import { openPodProxy } from '@flatland/kube/client/pod-proxy';
import { SYSTEM_NAMESPACE, type KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { REPORT_PORT, zNodeReport, type NodeReport } from '@flatland/shared/report/report';
import { AGENT_LABEL } from '@flatland/shared/topology/cluster-views';
import { z } from 'zod';

/** Longest line of a report: a node with some thousands of members and flows. */
const MAX_REPORT_BYTES = 4 * 1024 * 1024;
const MIN_RETRY_MS = 250;
const MAX_RETRY_MS = 10_000;

/** The agent's pod of a node. */
export interface AgentPod {
  readonly name: string;
  readonly uid: string;
  readonly node: string;
}

const zRunningPod = z.looseObject({
  spec: z.looseObject({ nodeName: z.string().min(1) }),
  status: z.looseObject({ phase: z.literal('Running') }),
});

/** The running agents among a cluster's objects, sorted by node. The same array of objects is looked through once. */
export function agentPods(objects: readonly KubernetesObject[]): readonly AgentPod[] {
  const known = found.get(objects);
  if (known !== undefined) return known;
  const pods = findAgentPods(objects);
  found.set(objects, pods);
  return pods;
}

const found = new WeakMap<readonly KubernetesObject[], readonly AgentPod[]>();

function findAgentPods(objects: readonly KubernetesObject[]): AgentPod[] {
  return objects
    .flatMap((object) => {
      const { name, namespace, uid = '', labels, deletionTimestamp } = object.metadata;
      if (object.kind !== 'Pod' || namespace !== SYSTEM_NAMESPACE || deletionTimestamp !== undefined)
        return [];
      if (labels?.[AGENT_LABEL.key] !== AGENT_LABEL.value) return [];
      const pod = zRunningPod.safeParse(object);
      return pod.success ? [{ name, uid, node: pod.data.spec.nodeName }] : [];
    })
    .toSorted((a, b) => (a.node < b.node ? -1 : 1));
}

/** Follows the report stream of every running agent of one cluster. */
export class AgentReports {
  readonly #client: KubeClient;
  readonly #onReport: (report: NodeReport) => void;
  readonly #followed = new Map<string, AbortController>();

  constructor(client: KubeClient, onReport: (report: NodeReport) => void) {
    this.#client = client;
    this.#onReport = onReport;
  }

  /** Follows exactly these agents from now on. */
  follow(pods: readonly AgentPod[]): void {
    const wanted = new Set(pods.map((pod) => pod.uid));
    for (const [uid, stop] of this.#followed) {
      if (wanted.has(uid)) continue;
      stop.abort();
      this.#followed.delete(uid);
    }
    for (const pod of pods) {
      if (this.#followed.has(pod.uid)) continue;
      const stop = new AbortController();
      this.#followed.set(pod.uid, stop);
      void this.#followOne(pod, stop.signal);
    }
  }

  async #followOne(pod: AgentPod, signal: AbortSignal): Promise<void> {
    let delayMs = MIN_RETRY_MS;
    while (!signal.aborted) {
      const nReports = await this.#readStream(pod, signal);
      delayMs = nReports > 0 ? MIN_RETRY_MS : Math.min(MAX_RETRY_MS, delayMs * 2);
      await sleep(this.#client.clock, delayMs * (0.5 + this.#client.random() / 2), signal);
    }
  }

  /** Reads one stream to its end and gives the number of its reports. */
  async #readStream(pod: AgentPod, signal: AbortSignal): Promise<number> {
    const target = { namespace: SYSTEM_NAMESPACE, name: pod.name, port: REPORT_PORT };
    const options = { path: '/v1/report', query: { watch: '1' }, signal, maxTries: 1 };
    const stream = await openPodProxy(this.#client, target, options);
    if (!stream.ok) return 0;
    const lines = new JsonLineReader(MAX_REPORT_BYTES);
    let nReports = 0;
    try {
      for await (const chunk of stream.value.body) {
        for (const line of lines.push(chunk)) {
          const report = line.ok ? this.#readReport(line.value, pod) : undefined;
          if (report === undefined) continue;
          nReports += 1;
          this.#onReport(report);
        }
      }
    } catch {
      // the stream broke; the caller opens another
    } finally {
      stream.value.body.destroy();
    }
    return nReports;
  }

  /** An agent speaks for its own node only. */
  #readReport(value: unknown, pod: AgentPod): NodeReport | undefined {
    const parsed = zNodeReport.safeParse(value);
    if (!parsed.success) return undefined;
    const isOwn = parsed.data.cluster === this.#client.cluster && parsed.data.node === pod.node;
    return isOwn ? parsed.data : undefined;
  }
}
