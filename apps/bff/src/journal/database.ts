import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { MIGRATIONS } from './migrations.ts';
import { isCorruption, isHeldElsewhere, tellStorageErrors } from './storage-error.ts';

/** A journal that must not be opened; the message names the file and the way out. */
export class JournalRefusedError extends Error {
  constructor(file: string, why: string) {
    super(`${file}: ${why}`);
    this.name = 'JournalRefusedError';
  }
}

/**
 * Opens the journal's database, making it where there is none, and brings its schema up to date. Every commit
 * is on disk when it returns (WAL, synchronous FULL). The process holds the file alone until it closes it.
 *
 * @throws JournalRefusedError where the file is no database, is damaged, was written by a newer release, or is
 *   held by another process; a damaged file is never replaced by an empty one
 */
export function openDatabase(file: string): DatabaseSync {
  const isNew = !existsSync(file);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { enableForeignKeyConstraints: true });
    database.exec('PRAGMA locking_mode = EXCLUSIVE');
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
    database.exec('PRAGMA trusted_schema = OFF');
    database.exec('PRAGMA secure_delete = ON');
    database.exec('BEGIN EXCLUSIVE');
    database.exec('COMMIT');
    if (!isNew) checkWhole(database, file);
    migrate(database, file);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof JournalRefusedError) throw error;
    if (isCorruption(error)) throw new JournalRefusedError(file, DAMAGED);
    if (isHeldElsewhere(error)) {
      throw new JournalRefusedError(file, 'another console has it open; stop that one, or set FLATLAND_DATA');
    }
    const text = error instanceof Error ? error.message : String(error);
    throw new JournalRefusedError(file, `cannot be opened (${text})`);
  }
}

/** Runs `work` in one transaction: all of it is on disk when this returns, or none of it ever is. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  if (database.isTransaction) return work();
  return tellStorageErrors(() => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      // a full disk makes SQLite roll back by itself
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  });
}

const DAMAGED =
  'is damaged; move it away to begin an empty journal (this loses history, and no connectivity), or restore a copy';

function checkWhole(database: DatabaseSync, file: string): void {
  const answer = database.prepare('PRAGMA quick_check(1)').get();
  if (answer?.['quick_check'] !== 'ok') throw new JournalRefusedError(file, DAMAGED);
}

function migrate(database: DatabaseSync, file: string): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version > MIGRATIONS.length) {
    throw new JournalRefusedError(
      file,
      `was written by a newer release (schema ${version}, this one knows ${MIGRATIONS.length}); run that release`,
    );
  }
  if (version === MIGRATIONS.length) return;
  inTransaction(database, () => {
    for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
    database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
  });
}
