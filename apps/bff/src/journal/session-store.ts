import type { DatabaseSync } from 'node:sqlite';
import { tellStorageErrors } from './storage-error.ts';

/** A session as kept: by the hash of its secret, so that the file signs nobody in. */
export interface SessionRow {
  readonly idHash: string;
  readonly person: string;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number;
}

/** Sessions of browsers. */
export class SessionStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  all(): readonly SessionRow[] {
    return this.#database
      .prepare('SELECT * FROM sessions')
      .all()
      .map((row) => ({
        idHash: String(row['id_hash']),
        person: String(row['person']),
        createdAtMs: Number(row['created_at_ms']),
        lastUsedAtMs: Number(row['last_used_at_ms']),
      }));
  }

  insert(row: SessionRow): void {
    const { idHash, person, createdAtMs, lastUsedAtMs } = row;
    tellStorageErrors(() =>
      this.#database
        .prepare('INSERT INTO sessions VALUES (?, ?, ?, ?)')
        .run(idHash, person, createdAtMs, lastUsedAtMs),
    );
  }

  touch(idHash: string, lastUsedAtMs: number): void {
    tellStorageErrors(() =>
      this.#database
        .prepare('UPDATE sessions SET last_used_at_ms = ? WHERE id_hash = ?')
        .run(lastUsedAtMs, idHash),
    );
  }

  remove(idHash: string): void {
    tellStorageErrors(() => this.#database.prepare('DELETE FROM sessions WHERE id_hash = ?').run(idHash));
  }
}
