import { closeSync, existsSync, fsyncSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** "Flat" in ASCII: marks the files that are ours. */
const APPLICATION_ID = 0x466c6174;
const SCHEMA_VERSION = 1;

const SCHEMA = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE objects (
    resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, json TEXT NOT NULL,
    PRIMARY KEY (resource, namespace, name)
  );
  CREATE TABLE events (
    revision INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, type TEXT NOT NULL,
    resource TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL, previous TEXT
  );
  INSERT INTO meta VALUES ('revision', 1), ('compactedRevision', 1);
`;

/** A store file that cannot be used. The message names the file and what to do. */
export class StoreFileError extends Error {
  readonly path: string;

  constructor(path: string, why: string, cause?: unknown) {
    super(`cannot use the API server's store ${path}: ${why}`, { cause });
    this.name = 'StoreFileError';
    this.path = path;
  }
}

/**
 * Makes an empty store. It is built under another name and renamed once it is whole on disk,
 * so that a file of the store's name is never half made.
 *
 * @throws StoreFileError when a file of that name is there already
 */
export function createStoreFile(path: string): void {
  if (existsSync(path)) throw new StoreFileError(path, 'it exists already');
  const unfinished = `${path}.new`;
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(unfinished + suffix, { force: true });
  const db = new DatabaseSync(unfinished);
  try {
    db.exec('PRAGMA synchronous = FULL');
    db.exec(`BEGIN; ${SCHEMA} COMMIT`);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`);
  } finally {
    db.close();
  }
  renameSync(unfinished, path);
  const directory = openSync(dirname(path), 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/**
 * Opens a store that exists, for this process alone, and checks it whole.
 *
 * @throws StoreFileError when it is missing, damaged, foreign, newer than this program, or in use
 */
export function openStoreFile(path: string): DatabaseSync {
  if (!existsSync(path)) throw new StoreFileError(path, 'it is missing; restore it, or reset the cluster');
  checkHeader(path);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { timeout: 0 });
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    db.exec(`PRAGMA journal_size_limit = ${64 << 20}`);
    checkStore(db, path);
    return db;
  } catch (error) {
    db?.close();
    if (error instanceof StoreFileError) throw error;
    throw new StoreFileError(path, explain(error), error);
  }
}

/**
 * Looks at the file's own header ("SQLite Database File Format" §1.3) before SQLite may write to it: to SQLite an
 * empty file is a new database.
 */
function checkHeader(path: string): void {
  const header = Buffer.alloc(100);
  const file = openSync(path, 'r');
  try {
    readSync(file, header, 0, header.length, 0);
  } finally {
    closeSync(file);
  }
  if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0') {
    throw new StoreFileError(
      path,
      'it is damaged or not a store of this program; restore it, or reset the cluster',
    );
  }
  if (header.readUInt32BE(68) !== APPLICATION_ID)
    throw new StoreFileError(path, 'it is not a store of this program');
}

function checkStore(db: DatabaseSync, path: string): void {
  const version = db.prepare('PRAGMA user_version').get()?.['user_version'];
  if (version !== SCHEMA_VERSION) {
    throw new StoreFileError(path, `it has version ${String(version)}, this program reads ${SCHEMA_VERSION}`);
  }
  const verdict = db.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (verdict !== 'ok')
    throw new StoreFileError(path, `it is damaged (${String(verdict)}); restore it, or reset the cluster`);
}

function explain(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { errcode?: number }).errcode;
  if (code === 5 || code === 261) return 'another process has it open';
  if (code === 11 || code === 26) return `it is damaged (${message}); restore it, or reset the cluster`;
  return message;
}
