import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/testing/seeded-random.ts';
import { runScale } from '../scale/scale-run.ts';
import { FaultyCluster } from './faulty-cluster.ts';

const IS_LONG = process.env['FLATLAND_LONG'] === '1';
const SEED = Number(process.env['FLATLAND_SEED'] ?? 20_261_127);
const OPTIONS = IS_LONG
  ? { seconds: 600, nPods: 5000, perSecond: 100, nWatches: 2, compactEverySeconds: 20 }
  : { seconds: 6, nPods: 250, perSecond: 100, nWatches: 2, compactEverySeconds: 1.5 };
/** A tenth of what agents have, so that watches break more often. */
const RELIST_MIN_MS = 1000;
const MAX_CUT_MS = 300;

test(
  `R-08: ${OPTIONS.nPods} pods of which ${OPTIONS.perSecond} change in a second, and watches cut off while history is forgotten end as the server is`,
  async ({ annotate }) => {
    await using cluster = await FaultyCluster.start();
    const { proxy, embedded } = cluster;
    const random = seededRandom(SEED);
    const figures = await runScale(
      {
        url: embedded.server.url,
        caCertPem: embedded.server.caCertPem,
        token: embedded.server.adminToken,
        watchedAt: proxy,
        // What changes meanwhile is forgotten before a watch can ask for it.
        compact: async () => {
          proxy.cut(random() < 0.5 ? 'reset' : 'silence');
          await sleep(random() * MAX_CUT_MS);
          proxy.spoilWatches('close');
          embedded.server.forgetHistory();
          proxy.heal();
        },
      },
      { ...OPTIONS, relistMinMs: RELIST_MIN_MS },
    );
    const { lagsMs, nFailed, nCompactions, nRelists, nWrong, newcomersMs } = figures;
    const at = (share: number) => Math.round(lagsMs[Math.floor(lagsMs.length * share)] ?? 0);
    await annotate(
      `${figures.nChanges} changes, ${nCompactions} times forgotten, ${nRelists} lists again; lag through them ` +
        `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms; newcomers had all within ${Math.round(Math.max(...newcomersMs))} ms`,
    );
    expect(nWrong).toBe(0);
    expect(nFailed).toBe(0);
    expect(nCompactions).toBeGreaterThanOrEqual(2);
    expect(newcomersMs).toHaveLength(nCompactions);
    // Somebody was cut off for good, else this tests nothing.
    expect(nRelists).toBeGreaterThan(0);
  },
  120_000 + OPTIONS.seconds * 4000,
);
