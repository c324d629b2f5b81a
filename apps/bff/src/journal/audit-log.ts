import { createHash } from 'node:crypto';
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { ObjectRef } from '@flatland/shared/topology/topology';
import type { AuditChain, AuditEntry, Page, PageRequest } from '../api/console.ts';
import { inTransaction } from './database.ts';

export type NewAuditEntry = Omit<AuditEntry, 'seq' | 'hash'>;

/**
 * Who did what, append-only. Each row's hash covers the row and the hash before it, and the head is kept apart,
 * so that a row that was edited, removed or put in is found.
 */
export class AuditLog {
  readonly #database: DatabaseSync;
  readonly #head: StatementSync;
  readonly #insert: StatementSync;
  readonly #setHead: StatementSync;
  readonly #page: StatementSync;
  /** Called with the number of each entry; what was appended in a transaction may yet be undone. */
  onAppend: (seq: number) => void = () => {};

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#head = database.prepare('SELECT seq, hash FROM audit_head');
    this.#insert = database.prepare('INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
    this.#setHead = database.prepare(
      'INSERT INTO audit_head VALUES (1, ?, ?) ON CONFLICT (only) DO UPDATE SET seq = excluded.seq, hash = excluded.hash',
    );
    this.#page = database.prepare('SELECT * FROM audit WHERE seq < ? ORDER BY seq DESC LIMIT ?');
  }

  /** Appends an entry, in the caller's transaction where there is one. */
  append(entry: NewAuditEntry): void {
    inTransaction(this.#database, () => {
      const head = this.#head.get();
      const seq = Number(head?.['seq'] ?? 0) + 1;
      const { atMs, person, action, changeSet, object, result, detail } = neutralized(entry);
      const objectText = object === undefined ? null : JSON.stringify(object);
      const columns = [seq, atMs, person, action, changeSet ?? null, objectText, result, detail];
      const hash = chainHash(String(head?.['hash'] ?? ''), columns);
      this.#insert.run(...columns, hash);
      this.#setHead.run(seq, hash);
      this.onAppend(seq);
    });
  }

  /** A page of entries, newest first; the cursor is the sequence number to go on below. */
  list({ cursor, limit }: PageRequest): Page<AuditEntry> {
    const below = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number.parseInt(cursor, 10) || 0;
    const items = this.#page.all(below, limit + 1).map(readEntry);
    const last = items[limit - 1];
    if (items.length <= limit || last === undefined) return { items };
    return { items: items.slice(0, limit), nextCursor: String(last.seq) };
  }

  /** Reads the whole chain and says where it first breaks. */
  verify(): AuditChain {
    let seq = 0;
    let hash = '';
    for (const row of this.#database.prepare('SELECT * FROM audit ORDER BY seq').iterate()) {
      seq += 1;
      if (row['seq'] !== seq) return { intact: false, brokenAtSeq: seq };
      hash = chainHash(
        hash,
        COLUMNS.map((column) => row[column] ?? null),
      );
      if (row['hash'] !== hash) return { intact: false, brokenAtSeq: seq };
    }
    const head = this.#head.get();
    if (Number(head?.['seq'] ?? 0) !== seq || String(head?.['hash'] ?? '') !== hash) {
      return { intact: false, brokenAtSeq: seq + 1 };
    }
    return { intact: true };
  }
}

/** The hash of a row: SHA-256 of the hash before it and of every column, as one JSON array. */
function chainHash(previous: string, columns: readonly SQLOutputValue[]): string {
  return createHash('sha256')
    .update(JSON.stringify([previous, ...columns]))
    .digest('hex');
}

/** Control characters and line separators become their escapes: a text cannot forge a line of a log. */
function neutralized(entry: NewAuditEntry): NewAuditEntry {
  return { ...entry, person: printable(entry.person), detail: printable(entry.detail) };
}

function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029]/gu, (c) => `\\u${c.codePointAt(0)!.toString(16).padStart(4, '0')}`);
}

const COLUMNS = ['seq', 'at_ms', 'person', 'action', 'change_set', 'object', 'result', 'detail'];

type Row = Readonly<Record<string, SQLOutputValue>>;

function readEntry(row: Row): AuditEntry {
  return {
    seq: Number(row['seq']),
    atMs: Number(row['at_ms']),
    person: String(row['person']),
    action: String(row['action']),
    ...(row['change_set'] === null ? {} : { changeSet: String(row['change_set']) }),
    ...(row['object'] === null ? {} : { object: JSON.parse(String(row['object'])) as ObjectRef }),
    result: String(row['result']) as AuditEntry['result'],
    detail: String(row['detail']),
    hash: String(row['hash']),
  };
}
