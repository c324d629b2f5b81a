import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { readPrivately, writePrivately } from '../private-file.ts';

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
  const kept = readPrivately(file);
  const token = kept.kind === 'text' ? kept.text.trim() : '';
  return /^[A-Za-z0-9_-]{43}$/.test(token) ? token : writeToken(file);
}

/** Tells the command line where the console is. */
export function writeEndpoint(dataDirectory: string, endpoint: Endpoint): void {
  writePrivately(join(dataDirectory, ENDPOINT_FILE), `${JSON.stringify(endpoint)}\n`);
}

function writeToken(file: string): string {
  const token = randomBytes(32).toString('base64url');
  writePrivately(file, `${token}\n`);
  return token;
}
