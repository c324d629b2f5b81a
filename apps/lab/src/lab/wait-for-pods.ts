import type { KubeClient } from '@flatland/kube/client/kube-client';
import { listObjects } from '@flatland/kube/client/objects';
import { DaemonSet, Deployment, Pod, StatefulSet } from '@flatland/kube/client/resources';
import type * as kinds from '../workloads/kinds/workload.ts';

const PERIOD_MS = 250;
const PATIENCE_MS = 30_000;

/** Waits until every workload has its pods ready, at most half a minute. Gives those that have not. */
export async function waitForPods(clients: readonly KubeClient[]): Promise<string[]> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const waiting = (await Promise.all(clients.map(unready))).flat().sort();
    if (waiting.length === 0 || Date.now() > deadlineMs) return waiting;
    await new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
  }
}

/** How many pods there are. */
export async function countPods(clients: readonly KubeClient[]): Promise<number> {
  const lists = await Promise.all(clients.map((client) => listObjects(client, Pod)));
  return lists.reduce((total, list) => total + (list.ok ? list.value.items.length : 0), 0);
}

async function unready(client: KubeClient): Promise<string[]> {
  const [deployments, statefulSets, daemonSets] = await Promise.all([
    listObjects<kinds.Deployment>(client, Deployment),
    listObjects<kinds.StatefulSet>(client, StatefulSet),
    listObjects<kinds.DaemonSet>(client, DaemonSet),
  ]);
  const lists = [deployments, statefulSets].map((list) => (list.ok ? list.value.items : []));
  const waiting = lists.flat().filter(({ spec, status, metadata }) => {
    const isCurrent = status?.observedGeneration === metadata.generation;
    return !isCurrent || (status?.readyReplicas ?? 0) < (spec.replicas ?? 1);
  });
  const daemons = (daemonSets.ok ? daemonSets.value.items : []).filter(
    ({ status }) => status === undefined || status.numberReady < Math.max(1, status.desiredNumberScheduled),
  );
  return [...waiting, ...daemons].map(({ metadata }) => `${client.cluster}/${metadata.namespace}/${metadata.name}`);
}
