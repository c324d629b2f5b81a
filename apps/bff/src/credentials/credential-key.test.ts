import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CREDENTIAL_KEY_FILE, ensureCredentialKey, readCredentialKey } from './credential-key.ts';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flatland-key-'));
  file = join(directory, CREDENTIAL_KEY_FILE);
});
afterEach(() => rmSync(directory, { recursive: true }));

test('is made at the first use, for its owner alone, and stays', () => {
  expect(readCredentialKey(directory)).toMatchObject({ ok: false });
  const made = ensureCredentialKey(directory, randomBytes);
  expect(made).toMatchObject({ ok: true, value: { byteLength: 32 } });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(ensureCredentialKey(directory, randomBytes)).toEqual(made);
});

test.each([
  ['that others may read', (text: string) => [text, 0o640] as const, /can be read by others: chmod 600/],
  ['that is cut off', (text: string) => [text.slice(0, 20), 0o600] as const, /is no key/],
  ['that is empty', () => ['', 0o600] as const, /is no key/],
])('a key %s is not used, and never replaced', (_name, change, why) => {
  ensureCredentialKey(directory, randomBytes);
  const [text, mode] = change(readFileSync(file, 'utf8'));
  writeFileSync(file, text);
  chmodSync(file, mode);
  expect(ensureCredentialKey(directory, randomBytes)).toEqual({
    ok: false,
    error: expect.stringMatching(why),
  });
  expect(readFileSync(file, 'utf8')).toBe(text);
});
