import type { KubeObject } from '../model/kube-object.ts';
import { expired, insufficientStorage, internalError } from '../status/status.ts';
import type { HistoryLimits } from './event-log.ts';
import { EventLog } from './event-log.ts';
import type { StorageKey, StoredRecord, StoreEvent } from './record.ts';
import { makeRecord, tableKey } from './record.ts';
import { ResourceTable } from './resource-table.ts';
import { deletedRecord, SqlitePersistence } from './sqlite-persistence.ts';

/** Reads of committed state, and inside a transaction of what it wrote so far. */
export interface StoreReader {
  get(key: StorageKey): StoredRecord | undefined;
  /** Sorted by namespace and name. */
  list(resource: string, namespace?: string): StoredRecord[];
}

/** What a piece of work may do to the store. It is synchronous: nothing comes between its reads and writes. */
export interface Transaction extends StoreReader {
  /** Creates or replaces an object and gives it the next resourceVersion. */
  put(key: StorageKey, object: KubeObject): StoredRecord;
  /** Removes an object that exists; gives its last state under the revision of the deletion. */
  delete(key: StorageKey): StoredRecord;
}

export interface StoreOptions {
  readonly path: string;
  readonly history: HistoryLimits;
  readonly nowMs: () => number;
  /** Told when a listener throws; the commit holds all the same. */
  readonly onError: (error: unknown) => void;
}

interface Job {
  readonly run: (transaction: Transaction) => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Objects in memory, made durable before they are acknowledged. Works that arrive in one turn of the event
 * loop share one transaction on disk (group commit); a work that throws takes back its own writes only.
 */
export class Store implements StoreReader {
  readonly #persistence: SqlitePersistence;
  readonly #tables = new Map<string, ResourceTable>();
  readonly #log: EventLog;
  readonly #history: HistoryLimits;
  readonly #nowMs: () => number;
  readonly #onError: (error: unknown) => void;
  readonly #listeners = new Set<(events: readonly StoreEvent[]) => void>();
  #revision: number;
  #jobs: Job[] = [];
  #flushScheduled = false;
  #pending: StoreEvent[] = [];
  #closed = false;

  /** @throws StoreFileError */
  constructor({ path, history, nowMs, onError }: StoreOptions) {
    this.#persistence = new SqlitePersistence(path);
    this.#history = history;
    this.#nowMs = nowMs;
    this.#onError = onError;
    const { records, events, revision, compactedRevision } = this.#persistence.load();
    for (const record of records) this.#table(record.resource).set(record);
    this.#log = new EventLog(events, compactedRevision);
    this.#revision = revision;
  }

  /** The revision of the last committed change. */
  get revision(): number {
    return this.#revision;
  }

  get(key: StorageKey): StoredRecord | undefined {
    return this.#tables.get(key.resource)?.get(key.namespace, key.name);
  }

  list(resource: string, namespace?: string): StoredRecord[] {
    return this.#tables.get(resource)?.list(namespace) ?? [];
  }

  /** The number of objects of each resource that has any. */
  counts(): Map<string, number> {
    const sized = [...this.#tables].filter(([, table]) => table.size > 0);
    return new Map(
      sized
        .map(([resource, table]) => [resource, table.size] as const)
        .sort(([left], [right]) => (left < right ? -1 : 1)),
    );
  }

  /**
   * The objects of a resource as they were at a past revision.
   *
   * @throws StatusError 410 when the history does not reach back that far
   */
  listAt(resource: string, revision: number, namespace?: string): StoredRecord[] {
    if (revision === this.#revision) return this.list(resource, namespace);
    const since = this.eventsAfter(revision);
    const undo = new ResourceTable();
    for (const record of this.list(resource)) undo.set(record);
    for (let index = since.length - 1; index >= 0; index--) {
      const { record, previous } = since[index]!;
      if (record.resource !== resource) continue;
      if (previous) undo.set(previous);
      else undo.delete(record.namespace, record.name);
    }
    return undo.list(namespace);
  }

  /**
   * The events after a revision, oldest first.
   *
   * @throws StatusError 410 when some of them are forgotten
   */
  eventsAfter(revision: number): StoreEvent[] {
    const events = this.#log.after(revision);
    if (!events) throw expired(`too old resource version: ${revision} (${this.#log.compactedRevision})`);
    return events;
  }

  /** Calls back after each commit, before its writers are answered. Gives the function that ends it. */
  onCommit(listener: (events: readonly StoreEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Runs a work on the latest state and resolves when what it wrote is on disk. Rejects with what the work
   * throws, or with a 507 or 500 Status when the disk refuses; nothing is then written.
   */
  write<T>(run: (transaction: Transaction) => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push({ run, resolve: resolve as (value: unknown) => void, reject });
      if (this.#flushScheduled) return;
      this.#flushScheduled = true;
      setImmediate(() => this.#flush());
    });
  }

  /** Forgets history up to a revision; watches from before it get 410. */
  compact(revision: number): void {
    this.#persistence.compact(revision);
    this.#log.compact(revision);
  }

  /** Lets history go that is past its limits. Call it now and then. */
  compactHistory(): void {
    const revision = this.#log.compactable(this.#history, this.#nowMs());
    if (revision !== undefined) this.compact(revision);
  }

  close(): void {
    if (this.#closed) return;
    this.#flush();
    this.#closed = true;
    this.#persistence.close();
  }

  #flush(): void {
    this.#flushScheduled = false;
    const jobs = this.#jobs;
    this.#jobs = [];
    if (jobs.length === 0) return;
    const before = this.#revision;
    this.#pending = [];
    const done: { job: Job; value: unknown }[] = [];
    for (const job of jobs) {
      const mark = this.#pending.length;
      try {
        if (this.#closed) throw internalError('the server is shutting down');
        done.push({ job, value: job.run(this.#transaction()) });
      } catch (error) {
        this.#undo(mark);
        job.reject(error);
      }
    }
    const events = this.#pending;
    if (events.length > 0) {
      try {
        this.#persistence.commit(events, this.#revision);
      } catch (error) {
        this.#undo(0);
        this.#revision = before;
        const status = diskStatus(error);
        for (const { job } of done) job.reject(status);
        return;
      }
      this.#log.append(events);
      this.#tell(events);
    }
    for (const { job, value } of done) job.resolve(value);
    this.#compactIfLong();
  }

  #tell(events: readonly StoreEvent[]): void {
    for (const listener of this.#listeners) {
      try {
        listener(events);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  #compactIfLong(): void {
    try {
      this.compactHistory();
    } catch {
      // A full disk also refuses to shrink; history stays and the next commit tries again.
    }
  }

  #transaction(): Transaction {
    return {
      get: (key) => this.get(key),
      list: (resource, namespace) => this.list(resource, namespace),
      put: (key, object) => this.#put(key, object),
      delete: (key) => this.#delete(key),
    };
  }

  #put(key: StorageKey, object: KubeObject): StoredRecord {
    const previous = this.get(key);
    const revision = ++this.#revision;
    const record = makeRecord(key, revision, object);
    this.#table(key.resource).set(record);
    const type = previous ? 'MODIFIED' : 'ADDED';
    this.#pending.push({ type, revision, atMs: this.#nowMs(), record, ...(previous && { previous }) });
    return record;
  }

  #delete(key: StorageKey): StoredRecord {
    const previous = this.get(key);
    if (!previous)
      throw new Error(`nothing to delete at ${key.resource} ${tableKey(key.namespace, key.name)}`);
    const revision = ++this.#revision;
    this.#table(key.resource).delete(key.namespace, key.name);
    const record = deletedRecord(previous, revision);
    this.#pending.push({ type: 'DELETED', revision, atMs: this.#nowMs(), record, previous });
    return record;
  }

  #undo(mark: number): void {
    while (this.#pending.length > mark) {
      const { record, previous, revision } = this.#pending.pop()!;
      if (previous) this.#table(record.resource).set(previous);
      else this.#table(record.resource).delete(record.namespace, record.name);
      this.#revision = revision - 1;
    }
  }

  #table(resource: string): ResourceTable {
    let table = this.#tables.get(resource);
    if (!table) this.#tables.set(resource, (table = new ResourceTable()));
    return table;
  }
}

const SQLITE_FULL = 13;

function diskStatus(error: unknown) {
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { errcode?: number }).errcode ?? 0;
  if ((code & 0xff) === SQLITE_FULL || /ENOSPC|disk is full/.test(message)) {
    return insufficientStorage(
      'the disk that holds the cluster is full; nothing was written. Free space and try again',
    );
  }
  return internalError(`the cluster's store did not take the write (${message}); nothing was written`);
}
