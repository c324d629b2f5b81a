import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CommandError } from '../io/command-error.ts';
import { up } from './up.ts';

test.each([
  [{ FLATLAND_PORT: '99999' }, 'FLATLAND_PORT=99999 is no port; use 0 to 65535'],
  [{ FLATLAND_HOST: '0.0.0.0' }, /FLATLAND_HOST=0\.0\.0\.0: the console listens on 127\.0\.0\.1 only/],
])('%j ends the start before anything runs', async (variables, message) => {
  const directory = mkdtempSync(join(tmpdir(), 'fl-'));
  const io = { env: { ...variables, FLATLAND_DATA: directory }, out: () => {}, err: () => {} };
  try {
    const failure: unknown = await up(io).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(CommandError);
    expect(failure).toMatchObject({ message: expect.stringMatching(message), exitCode: 2 });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
