import type { KubeClient } from '@flatland/kube/client/kube-client';
import { listObjects } from '@flatland/kube/client/objects';
import { DaemonSet, Deployment, Pod, StatefulSet } from '@flatland/kube/client/resources';
import type { Result } from '@flatland/shared/result';
import * as podKinds from '../workloads/kinds/pod.ts';
import type * as kinds from '../workloads/kinds/workload.ts';

const PERIOD_MS = 250;
const PATIENCE_MS = 30_000;

/**
 * Waits until every workload has its pods, and every pod is ready and was started in this run of the lab: what the API
 * tells at first is from the last run. Waits at most half a minute; gives what is not ready yet.
 */
export async function waitForPods(clients: readonly KubeClient[], sinceMs: number): Promise<string[]> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const waiting = (await Promise.all(clients.map((client) => unready(client, sinceMs)))).flat().sort();
    if (waiting.length === 0 || Date.now() > deadlineMs) return waiting;
    await new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
  }
}

/** How many pods there are. */
export async function countPods(clients: readonly KubeClient[]): Promise<number> {
  const lists = await Promise.all(clients.map((client) => listObjects(client, Pod)));
  return lists.reduce((total, list) => total + (list.ok ? list.value.items.length : 0), 0);
}

async function unready(client: KubeClient, sinceMs: number): Promise<string[]> {
  const [deployments, statefulSets, daemonSets, pods] = await Promise.all([
    listObjects<kinds.Deployment>(client, Deployment),
    listObjects<kinds.StatefulSet>(client, StatefulSet),
    listObjects<kinds.DaemonSet>(client, DaemonSet),
    listObjects<podKinds.Pod>(client, Pod),
  ]);
  const waiting = [...itemsOf(deployments), ...itemsOf(statefulSets)].filter(({ spec, status, metadata }) => {
    const isCurrent = status?.observedGeneration === metadata.generation;
    return !isCurrent || (status?.readyReplicas ?? 0) < (spec.replicas ?? 1);
  });
  const daemons = itemsOf(daemonSets).filter(
    ({ status }) => status === undefined || status.numberReady < Math.max(1, status.desiredNumberScheduled),
  );
  const idle = itemsOf(pods).filter((pod) => podKinds.isActive(pod) && !hasStarted(pod, sinceMs));
  return [...waiting, ...daemons, ...idle].map(
    ({ metadata }) => `${client.cluster}/${metadata.namespace}/${metadata.name}`,
  );
}

/** Kubernetes' times have whole seconds. */
function hasStarted(pod: podKinds.Pod, sinceMs: number): boolean {
  const since = Math.floor(sinceMs / 1000) * 1000;
  const containers = pod.status?.containerStatuses ?? [];
  return (
    podKinds.isReady(pod) &&
    containers.every(({ state }) => Date.parse(state.running?.startedAt ?? '') >= since)
  );
}

function itemsOf<T>(list: Result<{ items: T[] }, unknown>): T[] {
  return list.ok ? list.value.items : [];
}
