import type { DatabaseSync } from 'node:sqlite';
import type { Layout, Position } from '../api/console.ts';
import { tellStorageErrors } from './storage-error.ts';

/** Where each person put the elements of the map. */
export class LayoutStore {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  get(person: string): Layout {
    const row = this.#database
      .prepare('SELECT positions, saved_at_ms FROM layouts WHERE person = ?')
      .get(person);
    if (row === undefined) return { positions: {} };
    return {
      positions: JSON.parse(String(row['positions'])) as Layout['positions'],
      savedAtMs: Number(row['saved_at_ms']),
    };
  }

  save(person: string, positions: Readonly<Record<string, Position>>, nowMs: number): Layout {
    tellStorageErrors(() =>
      this.#database
        .prepare('INSERT OR REPLACE INTO layouts VALUES (?, ?, ?)')
        .run(person, JSON.stringify(positions), nowMs),
    );
    return { positions, savedAtMs: nowMs };
  }
}
