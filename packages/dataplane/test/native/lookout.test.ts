/** How long the receiving thread looks for an answer before it sleeps (`native/lookout.h`). */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { skips } from '../support/sandbox.ts';
import { compileHarness } from './compile-harness.ts';

const MAX_NS = 200_000;

const directory = mkdtempSync(join(tmpdir(), 'flatland-lookout-'));
const program = join(directory, 'lookout-windows');

afterAll(() => rmSync(directory, { recursive: true, force: true }));

const problem = compileHarness(program, 'lookout-windows.c', { files: ['lookout.c'] });

/** The windows after waits, in nanoseconds. */
function windows(waitsNs: readonly number[]): number[] {
  const text = execFileSync(program, waitsNs.map(String), { encoding: 'utf8' });
  return text.trim().split('\n').map(Number);
}

describe.skipIf(skips('lookout', problem))('the lookout for an answer', () => {
  it('grows while answers are soon, until they come within it', () => {
    expect(windows([90_000, 90_000, 90_000, 90_000, 30_000])).toEqual([
      20_000, 40_000, 80_000, 160_000, 160_000,
    ]);
  });

  it('ends after a few answers from afar, and does not begin for them', () => {
    const [near, far] = [100_000, 20_000_000];
    expect(windows([far, far])).toEqual([0, 0]);
    const grown = windows([near, near, near, near, near]);
    expect(windows([near, near, near, near, near, far, far, far, far]).slice(grown.length)).toEqual([
      80_000, 40_000, 20_000, 0,
    ]);
  });

  it('never is longer than an answer may take', () => {
    const wait = fc.oneof(fc.nat({ max: MAX_NS * 2 }), fc.nat({ max: 1_000_000_000 }));
    fc.assert(
      fc.property(fc.array(wait, { minLength: 1, maxLength: 100 }), (waits) => {
        const seen = windows(waits);
        return seen.every((window) => window <= MAX_NS) && (waits.at(-1)! <= MAX_NS || seen.at(-1)! < MAX_NS);
      }),
      { numRuns: 200 },
    );
  });
});
