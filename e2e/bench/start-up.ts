import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { startStack } from '../src/stack.ts';

/** Prints the time from `npm start` to a usable map (the link is printed last), first and second start. Budgets: 60 s, 10 s. */
const dataDir = await mkdtemp(join(tmpdir(), 'fl-'));
try {
  for (const [name, budgetSeconds] of [
    ['first start', 60],
    ['second start', 10],
  ] as const) {
    const startMs = performance.now();
    const stack = await startStack({ dataDir, env: { FLATLAND_PORT: '0' } });
    const seconds = (performance.now() - startMs) / 1000;
    console.log(
      `${name}: ${seconds.toFixed(1)} s to the link; budget ${budgetSeconds} s: ${seconds <= budgetSeconds ? 'met' : 'MISSED'}`,
    );
    await stack.stop();
  }
} finally {
  await rm(dataDir, { recursive: true, force: true });
}
