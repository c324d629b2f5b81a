/** Lets one process build while others, of other nodes of the same machine, wait for what it makes. */
import { mkdirSync, rmdirSync, statSync } from 'node:fs';

const LOOK_AGAIN_MS = 50;

/** Does the work while holding a lock, a directory; one that is older than `staleMs` was left behind. Blocks. */
export function withBuildLock<T>(path: string, staleMs: number, work: () => T): T {
  while (!take(path)) {
    if (ageMs(path) > staleMs) release(path);
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_AGAIN_MS);
  }
  try {
    return work();
  } finally {
    release(path);
  }
}

function take(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function release(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Another one has taken it for left behind.
  }
}

/** 0 where it is gone meanwhile. */
function ageMs(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? 0 : Date.now() - stats.mtimeMs;
}
