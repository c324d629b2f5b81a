import { formatAge } from './age.ts';

/** What `kubectl get pods` shows of a pod's containers. */
export interface PodState {
  /** `1/2` */
  readonly ready: string;
  /** The phase, or why the pod does not run: `Running`, `Init:0/1`, `CrashLoopBackOff`, `Terminating`. */
  readonly status: string;
  /** `3`, or `3 (5m ago)`. */
  readonly restarts: string;
}

/** The parts of a pod that its state is told from (core/v1 Pod). */
export interface PodParts {
  readonly metadata: { readonly deletionTimestamp?: string };
  readonly spec?: {
    readonly containers?: readonly unknown[];
    readonly initContainers?: readonly InitContainer[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
    }[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

interface InitContainer {
  readonly name: string;
  readonly restartPolicy?: string;
}

interface Ending {
  readonly exitCode?: number;
  readonly signal?: number;
  readonly reason?: string;
  readonly finishedAt?: string;
}

interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly started?: boolean;
  readonly restartCount?: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string };
    readonly terminated?: Ending;
    readonly running?: object;
  };
  readonly lastState?: { readonly terminated?: Ending };
}

/** Sums a pod's containers up as kubectl does (kubernetes `printPod`). Restartable init containers are sidecars. */
export function podState(pod: PodParts, nowMs: number): PodState {
  const { status = {}, spec = {} } = pod;
  const inits = spec.initContainers ?? [];
  const sidecars = new Set(
    inits.filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name),
  );
  const total = (spec.containers?.length ?? 0) + sidecars.size;
  const init = initState(status.initContainerStatuses ?? [], sidecars, inits.length);
  const gated = status.conditions?.some(
    ({ type, reason }) => type === 'PodScheduled' && reason === 'SchedulingGated',
  );
  const word = gated ? 'SchedulingGated' : status.reason || status.phase || '';
  const isInitialized = status.conditions?.some(
    (known) => known.type === 'Initialized' && known.status === 'True',
  );
  const main = init.word !== undefined && !isInitialized ? undefined : mainState(pod, init.word ?? word);
  const counted = main
    ? [...init.sidecars, ...(status.containerStatuses ?? [])]
    : (status.initContainerStatuses ?? []);
  return {
    ready: `${init.nReady + (main?.nReady ?? 0)}/${total}`,
    status: leaving(pod) ?? main?.word ?? init.word ?? word,
    restarts: restartsOf(counted, nowMs),
  };
}

interface InitState {
  /** Set while the pod is still initializing. */
  readonly word: string | undefined;
  readonly nReady: number;
  readonly sidecars: readonly ContainerStatus[];
}

function initState(
  statuses: readonly ContainerStatus[],
  sidecars: ReadonlySet<string>,
  total: number,
): InitState {
  let nReady = 0;
  const seen: ContainerStatus[] = [];
  for (const [index, container] of statuses.entries()) {
    const isSidecar = sidecars.has(container.name);
    if (isSidecar) seen.push(container);
    const { terminated, waiting } = container.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (isSidecar && container.started) {
      if (container.ready) nReady++;
      continue;
    }
    if (terminated) return { word: `Init:${endingWord(terminated)}`, nReady, sidecars: seen };
    const why = waiting?.reason;
    const word = why && why !== 'PodInitializing' ? `Init:${why}` : `Init:${index}/${total}`;
    return { word, nReady, sidecars: seen };
  }
  return { word: undefined, nReady, sidecars: seen };
}

function mainState({ status = {} }: PodParts, before: string): { word: string; nReady: number } {
  let word = before;
  let nReady = 0;
  for (const container of (status.containerStatuses ?? []).toReversed()) {
    const { terminated, waiting, running } = container.state ?? {};
    if (waiting?.reason) word = waiting.reason;
    else if (terminated) word = endingWord(terminated);
    else if (container.ready && running) nReady++;
  }
  if (word === 'Completed' && nReady > 0) {
    const isReady = status.conditions?.some((known) => known.type === 'Ready' && known.status === 'True');
    word = isReady ? 'Running' : 'NotReady';
  }
  return { word, nReady };
}

function endingWord({ reason, signal, exitCode }: Ending): string {
  if (reason) return reason;
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode ?? 0}`;
}

function leaving({ metadata, status }: PodParts): string | undefined {
  if (metadata.deletionTimestamp === undefined) return undefined;
  if (status?.reason === 'NodeLost') return 'Unknown';
  return status?.phase === 'Succeeded' || status?.phase === 'Failed' ? undefined : 'Terminating';
}

function restartsOf(statuses: readonly ContainerStatus[], nowMs: number): string {
  const count = statuses.reduce((sum, { restartCount }) => sum + (restartCount ?? 0), 0);
  const ends = statuses
    .map(({ lastState }) => lastState?.terminated?.finishedAt ?? '')
    .filter((time) => time !== '');
  const last = ends.sort((left, right) => Date.parse(left) - Date.parse(right)).at(-1);
  return count > 0 && last !== undefined ? `${count} (${formatAge(last, nowMs)} ago)` : String(count);
}
