import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Each write is on disk when it returns (`fsync` is not for processes under `--permission`). */
const WRITE_THROUGH = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_SYNC;

/** What a file that only its owner may read holds. */
export type PrivateText =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'absent' }
  /** Others may read it too. */
  | { readonly kind: 'exposed' }
  | { readonly kind: 'unreadable'; readonly code: string };

/** Reads a file of the owner’s alone. Never throws. */
export function readPrivately(file: string): PrivateText {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no file';
    return code === 'ENOENT' ? { kind: 'absent' } : { kind: 'unreadable', code };
  }
  try {
    if ((fstatSync(descriptor).mode & 0o077) !== 0) return { kind: 'exposed' };
    return { kind: 'text', text: readFileSync(descriptor, 'utf8') };
  } finally {
    closeSync(descriptor);
  }
}

/** Writes a file for its owner alone (0600). Readers see the old file or the new one, never a part; on disk when it returns. */
export function writePrivately(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  const descriptor = openSync(draft, WRITE_THROUGH, 0o600);
  try {
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
  renameSync(draft, file);
}
