import type { Container, ContainerState, ContainerStatus } from '../workloads/kinds/pod.ts';
import { timestamp } from '../workloads/kinds/meta.ts';
import type { ExitStatus, RunningContainer } from './node-runtime.ts';

/** What the kubelet remembers of one container of a pod. */
export type ContainerRecord = {
  readonly spec: Container;
  restartCount: number;
  running: { readonly container: RunningContainer; readonly startedMs: number } | undefined;
  /** Why it does not run, where it neither runs nor has ended. */
  waiting: { readonly reason: string; readonly message?: string } | undefined;
  ended: EndedRun | undefined;
  /** The run before the one that `running` or `ended` tells of. */
  previous: EndedRun | undefined;
  backoffMs: number | undefined;
  /** How long the last start that failed had to wait. */
  startDelayMs: number;
  /** When a container that ended may start again. */
  restartAtMs: number;
  /** What the readiness probe says; true where there is none. */
  probedReady: boolean;
};

export type EndedRun = ExitStatus & {
  readonly containerId: string;
  readonly startedMs: number;
  readonly finishedMs: number;
};

/** A container of which nothing has run yet in this life of the kubelet. `status` is what the API still tells. */
export function newRecord(spec: Container, status: ContainerStatus | undefined): ContainerRecord {
  const record: ContainerRecord = {
    spec,
    restartCount: status?.restartCount ?? 0,
    running: undefined,
    waiting: { reason: 'ContainerCreating' },
    ended: undefined,
    previous: undefined,
    backoffMs: undefined,
    startDelayMs: 0,
    restartAtMs: 0,
    probedReady: spec.readinessProbe === undefined,
  };
  const last = status?.state.running ?? status?.state.terminated;
  if (status === undefined || last === undefined) return record;
  const terminated = status.state.terminated;
  record.waiting = undefined;
  record.ended = {
    // A run that the kubelet did not see the end of: the node went away under it.
    exitCode: terminated?.exitCode ?? 137,
    containerId: (status.containerID ?? '').replace(/^.*:\/\//, ''),
    startedMs: Date.parse(last.startedAt ?? '') || 0,
    finishedMs: Date.parse(terminated?.finishedAt ?? last.startedAt ?? '') || 0,
  };
  return record;
}

/** `containerStatuses` entry of a container. */
export function containerStatus(record: ContainerRecord): ContainerStatus {
  const id = record.running?.container.id ?? record.ended?.containerId;
  const isRunning = record.running !== undefined;
  return {
    name: record.spec.name,
    image: record.spec.image,
    imageID: isRunning || record.ended !== undefined ? `flatland-lab://${record.spec.image}` : '',
    ...(id === undefined ? {} : { containerID: `flatland-lab://${id}` }),
    ready: isRunning && record.probedReady,
    started: isRunning,
    restartCount: record.restartCount,
    state: stateOf(record),
    lastState: lastStateOf(record),
  };
}

function stateOf(record: ContainerRecord): ContainerState {
  if (record.running !== undefined) return { running: { startedAt: timestamp(record.running.startedMs) } };
  if (record.waiting !== undefined) return { waiting: record.waiting };
  return record.ended === undefined ? { waiting: { reason: 'ContainerCreating' } } : terminated(record.ended);
}

function lastStateOf(record: ContainerRecord): ContainerState {
  if (record.running === undefined && record.waiting !== undefined && record.ended !== undefined) {
    return terminated(record.ended);
  }
  return record.previous === undefined ? {} : terminated(record.previous);
}

function terminated(run: EndedRun): ContainerState {
  return {
    terminated: {
      exitCode: run.exitCode,
      ...(run.signal === undefined ? {} : { signal: run.signal }),
      reason: run.exitCode === 0 ? 'Completed' : 'Error',
      startedAt: timestamp(run.startedMs),
      finishedAt: timestamp(run.finishedMs),
      containerID: `flatland-lab://${run.containerId}`,
    },
  };
}
