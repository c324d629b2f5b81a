import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** File in the data directory whose content signs the command line in; readable by its owner alone. */
export const CLI_TOKEN_FILE = 'cli-token';
/** File in the data directory that says where the console listens. */
export const ENDPOINT_FILE = 'console.json';

/** What `console.json` holds. */
export interface Endpoint {
  readonly url: string;
  readonly pid: number;
  readonly startedAtMs: number;
}

/** Reads the command line's token, making it where there is none or where others may read it. */
export function ensureCliToken(dataDirectory: string): string {
  const file = join(dataDirectory, CLI_TOKEN_FILE);
  return readPrivately(file) ?? writeToken(file);
}

/** Tells the command line where the console is. */
export function writeEndpoint(dataDirectory: string, endpoint: Endpoint): void {
  writeWhole(join(dataDirectory, ENDPOINT_FILE), `${JSON.stringify(endpoint)}\n`);
}

function readPrivately(file: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return undefined;
  }
  try {
    if ((fstatSync(descriptor).mode & 0o077) !== 0) return undefined;
    const token = readFileSync(descriptor, 'utf8').trim();
    return /^[A-Za-z0-9_-]{43}$/.test(token) ? token : undefined;
  } finally {
    closeSync(descriptor);
  }
}

function writeToken(file: string): string {
  const token = randomBytes(32).toString('base64url');
  writeWhole(file, `${token}\n`);
  return token;
}

/** Readers see the old file or the new one, never a part. */
function writeWhole(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}
