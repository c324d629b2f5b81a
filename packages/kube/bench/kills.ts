import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crashRun } from '../test/crash/crash-run.ts';
import { seededRandom } from '../src/testing/seeded-random.ts';

/**
 * Kills the embedded API server with SIGKILL while eight clients write, and counts acknowledged writes that are lost.
 *
 *   node packages/kube/bench/kills.ts [KILLS] [SEED]
 */
const [kills = 200, seed = Date.now() % 2 ** 31] = process.argv.slice(2).map(Number);
const dataDir = await mkdtemp(join(tmpdir(), 'flatland-kills-'));
try {
  const beginMs = performance.now();
  const report = await crashRun({ dataDir, kills, random: seededRandom(seed) });
  const tookS = ((performance.now() - beginMs) / 1000).toFixed(1);
  process.stdout.write(
    `embedded API server: ${report.kills} kill -9 in ${tookS} s (seed ${seed}), ${report.acknowledged} acknowledged writes, ` +
      `${report.lost.length} lost, ${report.wrong.length} wrong (budget 0 and 0)\n`,
  );
  for (const line of [...report.lost, ...report.wrong]) process.stdout.write(`  ${line}\n`);
  if (report.lost.length + report.wrong.length > 0) process.exitCode = 1;
} finally {
  await rm(dataDir, { recursive: true });
}
