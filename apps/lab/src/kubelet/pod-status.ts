import { timestamp, withCondition } from '../workloads/kinds/meta.ts';
import type { Condition } from '../workloads/kinds/meta.ts';
import type { Pod, PodPhase, PodStatus } from '../workloads/kinds/pod.ts';
import { containerStatus } from './container-record.ts';
import type { ContainerRecord } from './container-record.ts';
import { restarts } from './restart-backoff.ts';

export type PodFacts = {
  readonly hostAddress: string;
  readonly podAddress: string | undefined;
  readonly sandboxReady: boolean;
  readonly containers: readonly ContainerRecord[];
  readonly initContainers: readonly ContainerRecord[];
  readonly nowMs: number;
};

/** The status that the kubelet writes for a pod. Conditions of others stay. */
export function podStatus(pod: Pod, facts: PodFacts): PodStatus {
  const initialized = facts.initContainers.every((record) => record.ended?.exitCode === 0);
  const statuses = facts.containers.map(containerStatus);
  const isTerminating = pod.metadata.deletionTimestamp !== undefined;
  const notReady = statuses.filter(({ ready }) => !ready).map(({ name }) => name);
  const containersReady = notReady.length === 0 && !isTerminating;
  const phase = phaseOf(pod, facts);
  const hasEnded = phase === 'Succeeded' || phase === 'Failed';
  const unready = hasEnded
    ? { reason: phase === 'Succeeded' ? 'PodCompleted' : 'PodFailed' }
    : { reason: 'ContainersNotReady', message: `containers with unready status: [${notReady.join(' ')}]` };
  let conditions: readonly Condition[] = pod.status?.conditions ?? [];
  const set = (type: string, isTrue: boolean, why: { reason?: string; message?: string } = {}) => {
    conditions = withCondition(
      conditions,
      { type, status: isTrue ? 'True' : 'False', ...(isTrue ? {} : why) },
      facts.nowMs,
    );
  };
  set('PodScheduled', true);
  set('PodReadyToStartContainers', facts.sandboxReady);
  set('Initialized', initialized, { reason: 'ContainersNotInitialized' });
  set('ContainersReady', containersReady && !hasEnded, unready);
  set('Ready', containersReady && !hasEnded, unready);
  return {
    phase,
    conditions,
    hostIP: facts.hostAddress,
    hostIPs: [{ ip: facts.hostAddress }],
    ...(facts.podAddress === undefined
      ? {}
      : { podIP: facts.podAddress, podIPs: [{ ip: facts.podAddress }] }),
    startTime: pod.status?.startTime ?? timestamp(facts.nowMs),
    qosClass: pod.status?.qosClass ?? 'BestEffort',
    containerStatuses: statuses,
    ...(facts.initContainers.length === 0
      ? {}
      : { initContainerStatuses: facts.initContainers.map(containerStatus) }),
  };
}

function phaseOf(pod: Pod, facts: PodFacts): PodPhase {
  const policy = pod.spec.restartPolicy;
  const isOver = (record: ContainerRecord) =>
    record.running === undefined && record.ended !== undefined && !restarts(policy, record.ended.exitCode);
  const failedInit = facts.initContainers.some(
    (record) => record.ended !== undefined && record.ended.exitCode !== 0 && policy === 'Never',
  );
  if (failedInit) return 'Failed';
  if (facts.containers.every(isOver)) {
    return facts.containers.every((record) => record.ended?.exitCode === 0) ? 'Succeeded' : 'Failed';
  }
  const hasStarted = facts.containers.some(
    (record) => record.running !== undefined || record.ended !== undefined,
  );
  return hasStarted ? 'Running' : 'Pending';
}
