import { openSync, readFileSync, rmSync, writeSync, closeSync } from 'node:fs';
import { join } from 'node:path';

const LOCK_FILE = 'up.pid';

/** A data directory serves one stack at a time. */
export interface StartLock {
  release(): void;
}

/**
 * Takes the data directory for this process. Gives the pid of the process that has it, where one does;
 * a lock whose process is gone is taken over.
 */
export function takeStartLock(
  dataDir: string,
  pid: number,
): { readonly ok: true; readonly lock: StartLock } | { readonly ok: false; readonly pid: number } {
  const path = join(dataDir, LOCK_FILE);
  const holder = readHolder(path);
  if (holder !== undefined && holder !== pid && alive(holder)) return { ok: false, pid: holder };
  rmSync(path, { force: true });
  const file = openSync(path, 'wx', 0o600);
  writeSync(file, `${pid}\n`);
  closeSync(file);
  return { ok: true, lock: { release: () => rmSync(path, { force: true }) } };
}

/** The process that runs a stack over the data directory, if any. */
export function stackHolder(dataDir: string): number | undefined {
  const holder = readHolder(join(dataDir, LOCK_FILE));
  return holder !== undefined && alive(holder) ? holder : undefined;
}

function readHolder(path: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10);
    return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('node') || process.platform !== 'linux';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
