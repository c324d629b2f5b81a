import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { crashRun } from './crash-run.ts';
import { seededRandom } from '../../src/testing/seeded-random.ts';

/** The whole figure takes minutes: `FLATLAND_KILLS=200`. */
const KILLS = Number(process.env['FLATLAND_KILLS'] ?? 5);
const SEED = Number(process.env['FLATLAND_SEED'] ?? 20_261_123);

describe('kill -9 of the embedded API server', () => {
  const directories: string[] = [];

  afterEach(async () => {
    for (const directory of directories.splice(0)) await rm(directory, { recursive: true });
  });

  it(
    `loses no acknowledged write and halves none (${KILLS} kills, seed ${SEED})`,
    { timeout: 60_000 + KILLS * 15_000 },
    async () => {
      const dataDir = await mkdtemp(join(tmpdir(), 'flatland-crash-'));
      directories.push(dataDir);
      const report = await crashRun({ dataDir, kills: KILLS, random: seededRandom(SEED) });
      expect({ ...report, acknowledged: report.acknowledged > 0 }).toEqual({
        kills: KILLS,
        acknowledged: true,
        lost: [],
        wrong: [],
      });
    },
  );
});
