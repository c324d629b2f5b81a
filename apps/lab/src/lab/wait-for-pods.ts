import type { ClusterState } from '../workloads/cluster-state.ts';
import { isActive, isReady } from '../workloads/kinds/pod.ts';
import type { Pod } from '../workloads/kinds/pod.ts';

const PERIOD_MS = 100;
const PATIENCE_MS = 30_000;

/** What the controllers of a cluster know of it. */
export type KnownCluster = { readonly name: string; readonly state: ClusterState };

/**
 * Waits until every workload has its pods, and every pod is ready and was started in this run of the lab: what the API
 * tells at first is from the last run. Waits at most half a minute; gives what is not ready yet.
 */
export async function waitForPods(clusters: readonly KnownCluster[], sinceMs: number): Promise<string[]> {
  const deadlineMs = Date.now() + PATIENCE_MS;
  for (;;) {
    const waiting = clusters.flatMap((cluster) => unready(cluster, sinceMs)).sort();
    if (waiting.length === 0 || Date.now() > deadlineMs) return waiting;
    await new Promise((resolve) => setTimeout(resolve, PERIOD_MS));
  }
}

/** How many pods there are. */
export function countPods(clusters: readonly KnownCluster[]): number {
  return clusters.reduce((total, { state }) => total + state.pods.list().length, 0);
}

function unready({ name, state }: KnownCluster, sinceMs: number): string[] {
  const waiting = [...state.deployments.list(), ...state.statefulSets.list()].filter(
    ({ spec, status, metadata }) => {
      const isCurrent = status?.observedGeneration === metadata.generation;
      return !isCurrent || (status?.readyReplicas ?? 0) < (spec.replicas ?? 1);
    },
  );
  const daemons = state.daemonSets
    .list()
    .filter(
      ({ status }) => status === undefined || status.numberReady < Math.max(1, status.desiredNumberScheduled),
    );
  const idle = state.pods.list().filter((pod) => isActive(pod) && !hasStarted(pod, sinceMs));
  return [...waiting, ...daemons, ...idle].map(
    ({ metadata }) => `${name}/${metadata.namespace}/${metadata.name}`,
  );
}

/** Kubernetes' times have whole seconds. */
function hasStarted(pod: Pod, sinceMs: number): boolean {
  const since = Math.floor(sinceMs / 1000) * 1000;
  const containers = pod.status?.containerStatuses ?? [];
  return isReady(pod) && containers.every(({ state }) => Date.parse(state.running?.startedAt ?? '') >= since);
}
