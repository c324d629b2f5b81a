import { ConsoleFailure } from '../api/console-error.ts';

/* SQLite's primary result codes. */
const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_READONLY = 8;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;
const SQLITE_BUSY = 5;
const BROKEN_DISK: ReadonlySet<number> = new Set([
  SQLITE_READONLY,
  SQLITE_IOERR,
  SQLITE_CORRUPT,
  SQLITE_CANTOPEN,
]);

/** Runs a write of the journal; a disk that is full or broken becomes a failure that the person is told about. */
export function tellStorageErrors<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    throw storageFailure(error) ?? error;
  }
}

/** The failure to tell of an error of SQLite, or undefined where it is a programmer's mistake. */
export function storageFailure(error: unknown): ConsoleFailure | undefined {
  const code = sqliteCode(error);
  if (code === undefined) return undefined;
  if (code === SQLITE_FULL) {
    return new ConsoleFailure(
      'storage-full',
      'The disk of the data directory is full, so nothing was changed',
    );
  }
  if (!BROKEN_DISK.has(code)) return undefined;
  return new ConsoleFailure('storage-failed', 'The journal cannot be written, so nothing was changed');
}

/** True where a file is not, or no longer, a database. */
export function isCorruption(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}

/** True where another process holds the file. */
export function isHeldElsewhere(error: unknown): boolean {
  return sqliteCode(error) === SQLITE_BUSY;
}

function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  // the low byte of an extended result code is the primary one
  return error.errcode & 0xff;
}
