import { defineConfig } from '@playwright/test';
import base from '../playwright.config.ts';

// Read by the workers too, which are started with this process' environment.
process.env['FLATLAND_WORLD'] = 'kubernetes';

/**
 * The workflows against two real clusters: those that are written for every world, and those that need real pods. One
 * stack for a worker, one worker, the clusters for the whole run.
 */
export default defineConfig(base, {
  testDir: '..',
  projects: [
    // With a stack of its own, which it stops.
    { name: 'packets', testMatch: '**/kubernetes/packets.spec.ts' },
    {
      name: 'workflows',
      testMatch: ['**/kubernetes/connect.spec.ts', '**/workflows/{0[1-8],16}-*.spec.ts'],
    },
  ],
  timeout: 1_200_000,
  expect: { timeout: 90_000 },
  use: { actionTimeout: 120_000 },
  globalSetup: './set-up.ts',
  outputDir: '../../test-results',
});
