import type { DatabaseSync } from 'node:sqlite';
import type { ClusterName } from '@flatland/shared/model/names';
import { tellStorageErrors } from './storage-error.ts';

/** A cluster that a person connected. How it is reached is sealed: the file alone opens no cluster. */
export interface ConnectedClusterRow {
  readonly name: ClusterName;
  readonly sealed: Uint8Array;
  /** uid of its Namespace `kube-system`, by which it is known again; undefined where it could not be read. */
  readonly clusterUid: string | undefined;
  readonly readOnly: boolean;
  readonly person: string;
  readonly connectedAtMs: number;
}

/** Clusters that were added while the console ran. */
export class ConnectedClusterStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** All of them, sorted by name. */
  all(): readonly ConnectedClusterRow[] {
    return this.#database
      .prepare('SELECT * FROM connected_clusters ORDER BY name')
      .all()
      .map((row) => ({
        name: String(row['name']) as ClusterName,
        sealed: row['sealed'] as Uint8Array,
        clusterUid: row['cluster_uid'] === null ? undefined : String(row['cluster_uid']),
        readOnly: row['read_only'] === 1,
        person: String(row['person']),
        connectedAtMs: Number(row['connected_at_ms']),
      }));
  }

  get(name: string): ConnectedClusterRow | undefined {
    return this.all().find((row) => row.name === name);
  }

  /** Keeps a cluster, in the place of what was kept under its name. */
  put(row: ConnectedClusterRow): void {
    const { name, sealed, clusterUid, readOnly, person, connectedAtMs } = row;
    tellStorageErrors(() =>
      this.#database
        .prepare('INSERT OR REPLACE INTO connected_clusters VALUES (?, ?, ?, ?, ?, ?)')
        .run(name, sealed, clusterUid ?? null, readOnly ? 1 : 0, person, connectedAtMs),
    );
  }

  remove(name: string): void {
    tellStorageErrors(() =>
      this.#database.prepare('DELETE FROM connected_clusters WHERE name = ?').run(name),
    );
  }

  /** Takes what was removed or replaced out of the files too, where it still stands in the write-ahead log. */
  wipe(): void {
    tellStorageErrors(() => this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)'));
  }
}
