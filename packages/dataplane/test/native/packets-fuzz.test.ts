/** The packet functions of the addon over random input, with the compiler's checks of memory and arithmetic. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { skips } from '../support/sandbox.ts';
import { compileHarness } from './compile-harness.ts';
import { SCALED_TIMEOUT_MS, scaled } from '../support/scale.ts';

const FILES = ['gso.c', 'gro.c', 'ip.c', 'checksum.c', 'trie.c', 'replay.c'];
const FLAGS = ['-O1', '-g', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

const directory = mkdtempSync(join(tmpdir(), 'flatland-fuzz-'));
const program = join(directory, 'packets-fuzz');

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const problem = compileHarness(program, 'packets-fuzz.c', { files: FILES, flags: FLAGS });

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
