/** The packet functions of the addon over random input, with the compiler's checks of memory and arithmetic. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { skips } from '../support/sandbox.ts';
import { SCALED_TIMEOUT_MS, scaled } from '../support/scale.ts';

const SOURCES = fileURLToPath(new URL('../../src/native/', import.meta.url));
const HARNESS = fileURLToPath(new URL('packets-fuzz.c', import.meta.url));
const FILES = ['gso.c', 'gro.c', 'ip.c', 'checksum.c', 'trie.c', 'replay.c'];
const FLAGS = ['-std=gnu11', '-O1', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

const directory = mkdtempSync(join(tmpdir(), 'flatland-fuzz-'));
const program = join(directory, 'packets-fuzz');

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function compiles(): string | undefined {
  const { error, status, stderr } = spawnSync('cc', [
    ...FLAGS,
    `-I${SOURCES}`,
    '-o',
    program,
    HARNESS,
    ...FILES.map((name) => join(SOURCES, name)),
  ]);
  if (error !== undefined) return 'there is no C compiler';
  return status === 0 ? undefined : `the C compiler failed: ${stderr.toString().slice(0, 500)}`;
}

const problem = process.platform === 'linux' ? compiles() : 'this is not Linux';

describe.skipIf(skips('packet functions of the addon', problem))('packet functions of the addon', () => {
  const seeds: number[] = [];
  beforeAll(() => {
    const first = Number(process.env['FLATLAND_SEED'] ?? Date.now() % 1_000_000);
    for (let i = 0; i < 3; i++) seeds.push(first + i);
  });

  it(
    'bring sound packets through whole and let broken ones do no harm',
    () => {
      for (const seed of seeds) {
        const iterations = scaled(5_000, 500_000);
        const run = () => execFileSync(program, [String(seed), String(iterations)], { encoding: 'utf8' });
        expect(run, `seed ${seed}`).not.toThrow();
      }
    },
    SCALED_TIMEOUT_MS,
  );
});
