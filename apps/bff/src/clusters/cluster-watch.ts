import type { KubeClient } from '@flatland/kube/client/kube-client';
import type { KubeErrorKind } from '@flatland/kube/client/error';
import type { Report } from '@flatland/kube/client/list-watch/machine';
import { startListWatch, type ListWatch } from '@flatland/kube/client/list-watch/list-watch';
import { Domain } from '@flatland/kube/client/resources';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { ClusterName } from '@flatland/shared/model/names';
import type { ClusterApi, ClusterSnapshot } from '@flatland/shared/topology/snapshot';
import { mayWrite } from './may-write.ts';
import { keepPulse, type Pulse } from './heartbeat.ts';
import { readObject, WATCHED_KINDS, type WatchedKind } from './watched-kinds.ts';

export interface ClusterWatchOptions {
  readonly client: KubeClient;
  readonly name: ClusterName;
  /** True where a person wants nothing written to it, whatever its credentials may. @default false */
  readonly readOnly?: boolean;
  /** Where other clusters reach the API, where that is known. */
  readonly api?: ClusterApi | undefined;
  /** Called after the snapshot, or what is known of the cluster, became another. */
  readonly onChange: () => void;
  readonly onReport: (report: { readonly kind: string; readonly message: string }) => void;
  /** @default HEARTBEAT_MS */
  readonly heartbeatMs?: number;
}

const FLATLAND_GROUP = Domain.group;

interface Fault {
  readonly error: KubeErrorKind | undefined;
  readonly message: string;
}

/**
 * One cluster kept in step: its objects by list-watches, its reachability by a heartbeat. Whatever happens to the
 * cluster stays here: when it is away, the snapshot keeps what was last seen and says since when.
 */
export class ClusterWatch {
  readonly name: ClusterName;
  readonly client: KubeClient;
  readonly #options: ClusterWatchOptions;
  readonly #stop = new AbortController();
  readonly #watches: { readonly kind: WatchedKind; readonly watch: ListWatch<KubernetesObject> }[] = [];
  readonly #faults = new Map<string, Fault>();
  #pulse: Pulse = { reachable: false, lastSeenMs: 0, version: '', why: 'connecting' };
  #readOnly = false;
  #snapshot: ClusterSnapshot | undefined;

  constructor(options: ClusterWatchOptions) {
    this.#options = options;
    this.name = options.name;
    this.client = options.client;
    this.#readOnly = options.readOnly === true;
  }

  start(): void {
    for (const kind of WATCHED_KINDS) this.#watch(kind);
    const { signal } = this.#stop;
    const { heartbeatMs } = this.#options;
    void keepPulse(this.client, {
      signal,
      onPulse: (pulse) => this.#beat(pulse),
      ...(heartbeatMs === undefined ? {} : { everyMs: heartbeatMs }),
    });
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const { watch } of this.#watches) watch.stop();
    await this.client.close();
  }

  /** The objects as last seen. The same value until something changes. */
  snapshot(): ClusterSnapshot {
    this.#snapshot ??= {
      cluster: this.name,
      reachable: this.#pulse.reachable,
      lastSeenMs: this.#pulse.lastSeenMs,
      readOnly: this.#readOnly,
      version: this.#pulse.version,
      ...(this.#options.api !== undefined && { api: this.#options.api }),
      objects: this.#watches.flatMap(({ watch }) => watch.cache.list()),
    };
    return this.#snapshot;
  }

  /** What is known of the cluster itself. */
  pulse(): Pulse {
    return this.#pulse;
  }

  /** Collections that have not been read once. One that the cluster does not have or show is not waited for. */
  waitsFor(): readonly string[] {
    return this.#watches.flatMap(({ kind, watch }) => {
      const error = this.#faults.get(kind.type.plural)?.error;
      const isClosed = error === 'notFound' || error === 'forbidden';
      return watch.status().synced || isClosed ? [] : [kind.type.plural];
    });
  }

  /** Whether all objects of a kind were read once. */
  hasRead(kind: string): boolean {
    return this.#watches.some((entry) => entry.kind.type.kind === kind && entry.watch.status().synced);
  }

  /** Why a collection cannot be read, or which of its objects. */
  faults(): readonly string[] {
    const own = WATCHED_KINDS.filter(({ type }) => type.group === FLATLAND_GROUP);
    const isForeign = own.every(({ type }) => this.#faults.get(type.plural)?.error === 'notFound');
    const faults = this.#watches.flatMap(({ kind, watch }) => {
      const fault = this.#faults.get(kind.type.plural);
      const isOptional = kind.optional || (isForeign && kind.type.group === FLATLAND_GROUP);
      const isTold = fault !== undefined && !(isOptional && fault.error === 'notFound');
      const rejected = watch.cache
        .rejected()
        .map(({ key, message }) => `${kind.type.kind} ${key} ${message}`);
      return [...(isTold ? [`${kind.type.plural}: ${fault.message}`] : []), ...rejected];
    });
    return isForeign ? ['Flatland is not installed here', ...faults] : faults;
  }

  #watch(kind: WatchedKind): void {
    const { type, namespace, fieldSelector } = kind;
    const watch = startListWatch<KubernetesObject>(this.client, type, {
      ...(namespace === undefined ? {} : { namespace }),
      ...(fieldSelector === undefined ? {} : { fieldSelector }),
      parse: (raw) => readObject(type, raw),
      onChanges: () => this.#changed(),
      onReport: (report) => this.#report(type.plural, report),
    });
    void watch.whenSynced.then(() => {
      this.#faults.delete(type.plural);
      this.#changed();
    });
    this.#watches.push({ kind, watch });
  }

  #report(plural: string, report: Report): void {
    const { error, message } = report;
    if (report.kind === 'list-failed') this.#faults.set(plural, { error, message });
    this.#options.onReport({ kind: report.kind, message: `${this.name} ${plural}: ${report.message}` });
  }

  #beat(pulse: Pulse): void {
    const before = this.#pulse;
    this.#pulse = pulse;
    const same = before.reachable === pulse.reachable && before.version === pulse.version;
    if (pulse.reachable && !before.reachable) void this.#reviewAccess();
    // the time of the last answer matters only once answers fail, so it alone changes nothing
    if (!same) this.#changed();
  }

  async #reviewAccess(): Promise<void> {
    if (this.#options.readOnly === true) return;
    const allowed = await mayWrite(this.client, this.#stop.signal);
    if (allowed === undefined || this.#readOnly === !allowed) return;
    this.#readOnly = !allowed;
    this.#changed();
  }

  #changed(): void {
    this.#snapshot = undefined;
    this.#options.onChange();
  }
}
