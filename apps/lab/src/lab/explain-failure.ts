import { LabError } from './report.ts';

/** The next action for errors of the system that a person can do something about. */
const NEXT: Readonly<Record<string, string>> = {
  EACCES: 'make the data directory writable for this user, or set FLATLAND_DATA to another one',
  EDQUOT: 'free space in the quota of the data directory, then start again',
  EMFILE: 'allow more open files (ulimit -n), then start again',
  ENAMETOOLONG: 'set FLATLAND_DATA to a directory with a shorter path',
  ENOSPC: 'free space on the disk of the data directory, then start again',
  ENOTDIR: 'set FLATLAND_DATA to a directory',
  EEXIST: 'set FLATLAND_DATA to a directory',
  EROFS: 'set FLATLAND_DATA to a directory on a writable file system',
};

/** What went wrong when the lab could not go on, and the next action. */
export function explainFailure(error: unknown): { text: string; next: string } {
  const text = error instanceof Error ? error.message : String(error);
  if (error instanceof LabError) return { text, next: error.next };
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  // SQLite's words for a full disk and for a store that another process holds.
  if (/database or disk is full/.test(text)) return { text, next: NEXT['ENOSPC']! };
  if (/in use by another process/.test(text)) {
    return { text, next: 'stop the other lab, or set FLATLAND_DATA to another directory' };
  }
  return {
    text,
    next: NEXT[code] ?? 'look at log/lab.log in the data directory, or start anew with `reset --yes`',
  };
}
