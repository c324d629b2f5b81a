import { join } from 'node:path';
import { err, ok, type Result } from '@flatland/shared/result';
import { readPrivately, writePrivately } from '../private-file.ts';
import { KEY_BYTES } from './seal.ts';

/** File in the data directory with the key of stored credentials; readable by its owner alone. */
export const CREDENTIAL_KEY_FILE = 'credential-key';

/** The key of stored credentials, or why there is none to use. */
export function readCredentialKey(dataDirectory: string): Result<Uint8Array, string> {
  const kept = readPrivately(join(dataDirectory, CREDENTIAL_KEY_FILE));
  if (kept.kind === 'absent') return err(`${CREDENTIAL_KEY_FILE} is not in the data directory any more`);
  if (kept.kind === 'exposed')
    return err(`${CREDENTIAL_KEY_FILE} in the data directory can be read by others: chmod 600`);
  if (kept.kind === 'unreadable') return err(`${CREDENTIAL_KEY_FILE} cannot be read: ${kept.code}`);
  const key = Buffer.from(kept.text.trim(), 'base64url');
  return key.byteLength === KEY_BYTES
    ? ok(key)
    : err(`${CREDENTIAL_KEY_FILE} in the data directory is no key`);
}

/** The key of stored credentials, made of `randomBytes` at the first use. A key that cannot be used is never replaced. */
export function ensureCredentialKey(
  dataDirectory: string,
  randomBytes: (nBytes: number) => Uint8Array,
): Result<Uint8Array, string> {
  const file = join(dataDirectory, CREDENTIAL_KEY_FILE);
  if (readPrivately(file).kind === 'absent')
    writePrivately(file, `${Buffer.from(randomBytes(KEY_BYTES)).toString('base64url')}\n`);
  return readCredentialKey(dataDirectory);
}
