/**
 * The threads of the addon under ThreadSanitizer: two devices carry packets while everything about them changes. Without
 * one of its locks, the same program has to be told of a race.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { skips } from '../support/sandbox.ts';
import { SCALED_TIMEOUT_MS, scaled } from '../support/scale.ts';

const SOURCES = fileURLToPath(new URL('../../src/native/', import.meta.url));
const HERE = fileURLToPath(new URL('.', import.meta.url));
const HARNESS = ['threads-race.c', 'threads-traffic.c'].map((name) => join(HERE, name));
/** What needs Node-API. */
const NEEDS_NODE = /^(addon.*|call)\.c$/;
const FLAGS = ['-std=gnu11', '-O1', '-g', '-fsanitize=thread', '-Wall', '-Wextra', '-Werror'];
const LOCKS = ['TABLE_LOCK', 'MUTEXES', 'ENDPOINT_LOCK'] as const;

const directory = mkdtempSync(join(tmpdir(), 'flatland-race-'));
const program = join(directory, 'threads-race');

afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Builds the program; why that cannot be done, and nothing where it was. */
function compiles(output: string, flags: readonly string[] = []): string | undefined {
  const files = readdirSync(SOURCES).filter((name) => name.endsWith('.c') && !NEEDS_NODE.test(name));
  const { error, status, stderr } = spawnSync('cc', [
    ...FLAGS,
    ...flags,
    `-I${SOURCES}`,
    `-I${HERE}`,
    '-o',
    output,
    ...HARNESS,
    ...files.map((name) => join(SOURCES, name)),
    '-lcrypto',
    '-lpthread',
  ]);
  if (error !== undefined) return 'there is no C compiler';
  const said = stderr.toString();
  if (/cannot find .*tsan|-fsanitize=thread/.test(said)) return 'there is no ThreadSanitizer (libtsan)';
  if (/cannot find -lcrypto|openssl\/.* No such file/.test(said))
    return "OpenSSL's libcrypto is not there to link with";
  if (status !== 0) throw new Error(`the C compiler failed: ${said.slice(0, 2_000)}`);
  return undefined;
}

function run(path: string, seed: number, rounds: number) {
  const env = { ...process.env, TSAN_OPTIONS: 'halt_on_error=1 exitcode=66' };
  const { status, signal, stdout, stderr } = spawnSync(path, [String(seed), String(rounds)], {
    env,
    encoding: 'utf8',
    timeout: SCALED_TIMEOUT_MS / 2,
    killSignal: 'SIGKILL',
  });
  return { status, signal, stdout, stderr: stderr.slice(0, 8_000) };
}

/** Why nothing can be said here: ThreadSanitizer does not start where memory is laid out as it does not expect. */
function findProblem(): string | undefined {
  if (process.platform !== 'linux') return 'this is not Linux';
  const problem = compiles(program);
  if (problem !== undefined) return problem;
  const { stderr } = run(program, 1, 0);
  return stderr.includes('FATAL: ThreadSanitizer') ? `ThreadSanitizer does not start: ${stderr}` : undefined;
}

const problem = findProblem();

describe.skipIf(skips('threads of the addon', problem))('threads of the addon', () => {
  const seed = Number(process.env['FLATLAND_SEED'] ?? Date.now() % 1_000_000);

  it(
    'race for nothing while peers, sessions, allowed IPs, endpoints, MTU, sockets and devices come and go',
    () => {
      const { status, signal, stdout, stderr } = run(program, seed, scaled(4_000, 1_000_000));
      expect({ status, signal, stderr }, `seed ${seed}`).toEqual({ status: 0, signal: null, stderr: '' });
      expect(JSON.parse(stdout)).toMatchObject({ broken: 0 });
    },
    SCALED_TIMEOUT_MS,
  );

  it.each(LOCKS)(
    'are seen to race without their %s',
    (lock) => {
      const mutant = join(directory, lock);
      const flags = ['-D_GNU_SOURCE=', '-include', 'without-a-lock.h', `-DWITHOUT_${lock}`];
      expect(compiles(mutant, flags)).toBeUndefined();
      const { status, stderr } = run(mutant, seed, 100_000);
      expect(stderr, `seed ${seed}`).toContain('WARNING: ThreadSanitizer: data race');
      expect(status).toBe(66);
    },
    SCALED_TIMEOUT_MS,
  );
});
