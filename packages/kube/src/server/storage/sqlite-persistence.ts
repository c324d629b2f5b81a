import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StorageKey, StoredRecord, StoreEvent } from './record.ts';
import { parseRecord } from './record.ts';
import { openStoreFile } from './sqlite-file.ts';

/** What a store holds when it is opened. */
export interface LoadedState {
  readonly records: StoredRecord[];
  /** In order of revision. */
  readonly events: StoreEvent[];
  readonly revision: number;
  readonly compactedRevision: number;
}

/** The SQLite side of the store: one row an object, and an undo log from which the recent events are rebuilt. */
export class SqlitePersistence {
  readonly #db: DatabaseSync;
  readonly #putObject: StatementSync;
  readonly #deleteObject: StatementSync;
  readonly #putEvent: StatementSync;
  readonly #deleteEvents: StatementSync;
  readonly #putMeta: StatementSync;

  /** @throws StoreFileError */
  constructor(path: string) {
    this.#db = openStoreFile(path);
    const prepare = (sql: string) => this.#db.prepare(sql);
    this.#putObject = prepare('INSERT OR REPLACE INTO objects VALUES (?, ?, ?, ?)');
    this.#deleteObject = prepare('DELETE FROM objects WHERE resource = ? AND namespace = ? AND name = ?');
    this.#putEvent = prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)');
    this.#deleteEvents = prepare('DELETE FROM events WHERE revision <= ?');
    this.#putMeta = prepare('UPDATE meta SET value = ? WHERE key = ?');
  }

  load(): LoadedState {
    const records = this.#db.prepare('SELECT * FROM objects').all().map(objectRow);
    return {
      records,
      events: this.#loadEvents(records),
      revision: this.#meta('revision'),
      compactedRevision: this.#meta('compactedRevision'),
    };
  }

  /** Makes the events durable together, or throws and leaves the file as it was. */
  commit(events: readonly StoreEvent[], revision: number): void {
    this.#transaction(() => {
      for (const event of events) this.#write(event);
      this.#putMeta.run(revision, 'revision');
    });
  }

  /** Forgets the undo log up to a revision. */
  compact(revision: number): void {
    this.#transaction(() => {
      this.#deleteEvents.run(revision);
      this.#putMeta.run(revision, 'compactedRevision');
    });
  }

  close(): void {
    this.#db.close();
  }

  #transaction(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  #write({ type, revision, atMs, record, previous }: StoreEvent): void {
    const { resource, namespace, name } = record;
    if (type === 'DELETED') this.#deleteObject.run(resource, namespace, name);
    else this.#putObject.run(resource, namespace, name, record.json);
    this.#putEvent.run(revision, atMs, type, resource, namespace, name, previous?.json ?? null);
  }

  /** Walks the undo log backwards: the state after an event is the state before the next one of its object. */
  #loadEvents(records: readonly StoredRecord[]): StoreEvent[] {
    const after = new Map(records.map((record) => [keyText(record), record]));
    const events: StoreEvent[] = [];
    for (const row of this.#db.prepare('SELECT * FROM events ORDER BY revision DESC').iterate()) {
      const key = rowKey(row);
      const text = keyText(key);
      const revision = Number(row['revision']);
      const previous = row['previous'] === null ? undefined : parseRecord(key, String(row['previous']));
      const type = row['type'] as StoreEvent['type'];
      const record = type === 'DELETED' ? deletedRecord(previous!, revision) : after.get(text)!;
      events.push({ type, revision, atMs: Number(row['at_ms']), record, ...(previous && { previous }) });
      if (previous) after.set(text, previous);
      else after.delete(text);
    }
    return events.reverse();
  }

  #meta(key: string): number {
    return Number(this.#db.prepare('SELECT value FROM meta WHERE key = ?').get(key)!['value']);
  }
}

/** The last state of a deleted object, under the revision of its deletion. */
export function deletedRecord(last: StoredRecord, revision: number): StoredRecord {
  const object = { ...last.object, metadata: { ...last.object.metadata, resourceVersion: String(revision) } };
  const { resource, namespace, name } = last;
  return { resource, namespace, name, revision, object, json: JSON.stringify(object) };
}

type Row = Record<string, unknown>;

function objectRow(row: Row): StoredRecord {
  return parseRecord(rowKey(row), String(row['json']));
}

function rowKey(row: Row): StorageKey {
  return {
    resource: String(row['resource']),
    namespace: String(row['namespace']),
    name: String(row['name']),
  };
}

function keyText({ resource, namespace, name }: StorageKey): string {
  return `${resource}/${namespace}/${name}`;
}
