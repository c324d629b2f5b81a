import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { isTerminal } from '../workloads/kinds/pod.ts';
import type { Container, Pod, PodStatus } from '../workloads/kinds/pod.ts';
import type { Again } from '../workloads/work-queue.ts';
import { ContainerLog } from './container-log.ts';
import { newRecord } from './container-record.ts';
import type { ContainerRecord } from './container-record.ts';
import { containerEnvironment, expand, podHostname } from './environment.ts';
import type { EnvironmentSources } from './environment.ts';
import { hostPaths, withHostPaths } from './host-paths.ts';
import { LogFiles } from './log-files.ts';
import { ContainerStartError } from './node-runtime.ts';
import type { NodeRuntime, RunningContainer } from './node-runtime.ts';
import { podStatus } from './pod-status.ts';
import { startProbe } from './prober.ts';
import { BACKOFF, nextBackoffMs, restarts } from './restart-backoff.ts';

export type PodWorkerDeps = {
  readonly podUid: string;
  readonly runtime: NodeRuntime;
  readonly hostAddress: string;
  /** Directory for the pod's files and, below it, its logs. */
  readonly directory: string;
  /** Directory that stands for the node's disk. */
  readonly disk: string;
  readonly resolvConf: string;
  readonly nowMs: () => number;
  readonly log: Logger;
  readonly sources: Pick<EnvironmentSources, 'configMap' | 'secret'>;
  readonly assignAddress: (pod: Pod) => string | undefined;
  /** Projects the pod's token; gives when to do it again. */
  readonly projectToken: (pod: Pod, directory: string) => Promise<{ refreshAtMs: number }>;
  /** Something happened that `sync` should look at. */
  readonly wake: () => void;
};

/** Wait after a start that failed, which doubles. */
const FIRST_START_DELAY_MS = 1000;

/** One pod on its node: makes it run as its spec says, one step a call of `sync`. */
export class PodWorker {
  readonly #deps: PodWorkerDeps;
  readonly #logs: LogFiles;
  readonly #stopProbes = new Map<ContainerRecord, () => void>();
  #containers: ContainerRecord[] | undefined;
  #initContainers: ContainerRecord[] = [];
  #address: string | undefined;
  #sandboxReady = false;
  #refreshTokenAtMs = 0;

  constructor(deps: PodWorkerDeps) {
    this.#deps = deps;
    this.#logs = new LogFiles(join(deps.directory, 'logs'));
  }

  get address(): string | undefined {
    return this.#address;
  }

  get logs(): LogFiles {
    return this.#logs;
  }

  /** The container of that name, if it runs. */
  running(name: string): RunningContainer | undefined {
    return this.#all().find(({ spec }) => spec.name === name)?.running?.container;
  }

  /** Takes the pod one step towards its spec. Gives its status, and when to look again without any event. */
  async sync(pod: Pod): Promise<{ status: PodStatus; again: Again }> {
    const statuses = (init: boolean) =>
      (init ? pod.status?.initContainerStatuses : pod.status?.containerStatuses) ?? [];
    const record = (spec: Container, init: boolean) =>
      newRecord(
        spec,
        statuses(init).find(({ name }) => name === spec.name),
      );
    if (this.#containers === undefined) {
      this.#containers = pod.spec.containers.map((spec) => record(spec, false));
      this.#initContainers = (pod.spec.initContainers ?? []).map((spec) => record(spec, true));
    }
    const again = isTerminal(pod) ? undefined : await this.#advance(pod);
    return { status: this.#status(pod), again };
  }

  /** Ends the pod: its containers within the grace period, then its sandbox and files. */
  async terminate(graceMs: number): Promise<void> {
    await this.shutDown(graceMs);
    await this.#deps.runtime.removeSandbox(this.#deps.podUid);
    await rm(this.#deps.directory, { recursive: true, force: true });
  }

  /** Ends the containers and leaves the rest, as a node that goes down does. */
  async shutDown(graceMs: number): Promise<void> {
    for (const record of this.#all()) this.#stopProbe(record);
    await Promise.all(this.#all().map(async (record) => record.running?.container.stop(graceMs)));
    this.#logs.close();
  }

  async #advance(pod: Pod): Promise<Again> {
    const { nowMs } = this.#deps;
    if (!(await this.#prepare(pod))) return { afterMs: 2000 };
    const init = this.#initContainers.find(
      (record) => record.ended?.exitCode !== 0 || record.running !== undefined,
    );
    const due = init === undefined ? this.#containers! : [init];
    await Promise.all(due.map((record) => this.#startIfDue(pod, record, init !== undefined)));
    const waits = due
      .filter((record) => record.running === undefined && record.restartAtMs > nowMs())
      .map((record) => record.restartAtMs - nowMs());
    if (this.#refreshTokenAtMs !== Infinity) waits.push(this.#refreshTokenAtMs - nowMs());
    return waits.length === 0 ? undefined : { afterMs: Math.max(50, Math.min(...waits)) };
  }

  /** Address, sandbox, files. False where the pod cannot begin yet. */
  async #prepare(pod: Pod): Promise<boolean> {
    const { runtime, directory, nowMs, log } = this.#deps;
    try {
      this.#address ??= this.#deps.assignAddress(pod);
      if (this.#address === undefined) throw new Error('the node has no free pod address');
      if (pod.spec.hostNetwork !== true) {
        await runtime.ensureSandbox({ podUid: pod.metadata.uid!, address: this.#address });
      }
      if (!this.#sandboxReady) {
        await mkdir(directory, { recursive: true, mode: 0o700 });
        await writeFile(join(directory, 'resolv.conf'), this.#deps.resolvConf);
        this.#sandboxReady = true;
      }
      if (nowMs() >= this.#refreshTokenAtMs) {
        const wantsToken = pod.spec.automountServiceAccountToken !== false;
        this.#refreshTokenAtMs = wantsToken
          ? (await this.#deps.projectToken(pod, join(directory, 'serviceaccount'))).refreshAtMs
          : Infinity;
      }
      return true;
    } catch (error) {
      log.warn({ pod: pod.metadata.name, err: error }, 'the sandbox cannot be made');
      for (const record of this.#all()) {
        if (record.running === undefined)
          record.waiting = { reason: 'ContainerCreating', message: String(error) };
      }
      return this.#all().some((record) => record.running !== undefined);
    }
  }

  async #startIfDue(pod: Pod, record: ContainerRecord, isInit: boolean): Promise<void> {
    if (record.running !== undefined || record.restartAtMs > this.#deps.nowMs()) return;
    const policy = isInit && pod.spec.restartPolicy === 'Always' ? 'OnFailure' : pod.spec.restartPolicy;
    if (record.ended !== undefined && !restarts(policy, record.ended.exitCode)) return;
    try {
      await this.#start(pod, record);
    } catch (error) {
      const reason = error instanceof ContainerStartError ? error.reason : 'RunContainerError';
      record.waiting = { reason, message: error instanceof Error ? error.message : String(error) };
      record.startDelayMs = Math.min(Math.max(record.startDelayMs * 2, FIRST_START_DELAY_MS), BACKOFF.maxMs);
      record.restartAtMs = this.#deps.nowMs() + record.startDelayMs;
    }
  }

  async #start(pod: Pod, record: ContainerRecord): Promise<void> {
    const { nowMs, wake, directory, runtime } = this.#deps;
    const { spec } = record;
    const sources = {
      ...this.#deps.sources,
      podAddress: this.#address!,
      hostAddress: this.#deps.hostAddress,
    };
    const paths = hostPaths(pod, spec, this.#deps.disk);
    await Promise.all(paths.map((path) => mkdir(path.directory, { recursive: true, mode: 0o700 })));
    const environment = withHostPaths(await containerEnvironment(pod, spec, sources), paths);
    const restartCount = record.restartCount + (record.ended === undefined ? 0 : 1);
    const source = this.#logs.begin(spec.name);
    const output = await ContainerLog.open(source.path, { nowMs, onWrite: source.onWrite });
    const container = await runtime.startContainer({
      podUid: pod.metadata.uid!,
      hostNetwork: pod.spec.hostNetwork === true,
      hostname: podHostname(pod),
      address: this.#address!,
      name: spec.name,
      image: spec.image,
      command: (spec.command ?? []).map((word) => expand(word, environment)),
      args: (spec.args ?? []).map((word) => expand(word, environment)),
      environment,
      directory,
      onOutput: (stream, chunk) => output.write(stream, chunk),
    });
    const startedMs = nowMs();
    record.restartCount = restartCount;
    record.previous = record.ended;
    record.ended = undefined;
    record.waiting = undefined;
    record.startDelayMs = 0;
    record.running = { container, startedMs };
    record.probedReady = spec.readinessProbe === undefined;
    this.#startProbes(pod, record, container);
    void container.exited.then((status) => {
      this.#stopProbe(record);
      output.close();
      source.onClose();
      const finishedMs = nowMs();
      record.ended = { ...status, containerId: container.id, startedMs, finishedMs };
      record.running = undefined;
      record.probedReady = spec.readinessProbe === undefined;
      record.backoffMs = nextBackoffMs(record.backoffMs, finishedMs - startedMs);
      record.restartAtMs = finishedMs + record.backoffMs;
      if (record.backoffMs > 0 && restarts(pod.spec.restartPolicy, status.exitCode)) {
        const message = `back-off ${record.backoffMs / 1000}s restarting failed container=${spec.name}`;
        record.waiting = { reason: 'CrashLoopBackOff', message };
      }
      wake();
    });
  }

  #startProbes(pod: Pod, record: ContainerRecord, container: RunningContainer): void {
    const { runtime, wake } = this.#deps;
    const deps = {
      container: record.spec,
      connect: (port: number) =>
        runtime.connect({
          podUid: pod.metadata.uid!,
          hostNetwork: pod.spec.hostNetwork === true,
          address: this.#address!,
          port,
        }),
      run: async (command: readonly string[]) => {
        const session = await runtime.exec(container, command, { tty: false });
        session.stdout.resume();
        session.stderr?.resume();
        return (await session.exited).exitCode;
      },
    };
    const stops: (() => void)[] = [];
    const { readinessProbe, livenessProbe } = record.spec;
    if (readinessProbe !== undefined) {
      const onChange = (passes: boolean) => {
        record.probedReady = passes;
        wake();
      };
      stops.push(startProbe(readinessProbe, false, { ...deps, onChange }));
    }
    if (livenessProbe !== undefined) {
      const graceMs = (pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
      const onChange = (passes: boolean) => {
        if (!passes) void container.stop(graceMs);
      };
      stops.push(startProbe(livenessProbe, true, { ...deps, onChange }));
    }
    this.#stopProbes.set(record, () => stops.forEach((stop) => stop()));
  }

  #stopProbe(record: ContainerRecord): void {
    this.#stopProbes.get(record)?.();
    this.#stopProbes.delete(record);
  }

  #status(pod: Pod): PodStatus {
    return podStatus(pod, {
      hostAddress: this.#deps.hostAddress,
      podAddress: this.#address,
      sandboxReady: this.#sandboxReady,
      containers: this.#containers!,
      initContainers: this.#initContainers,
      nowMs: this.#deps.nowMs(),
    });
  }

  #all(): ContainerRecord[] {
    return [...this.#initContainers, ...(this.#containers ?? [])];
  }
}
