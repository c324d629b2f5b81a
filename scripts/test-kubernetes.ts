import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeDown } from '../e2e/clusters/down.ts';
import { readSettings } from '../e2e/clusters/settings.ts';
import { bringUp, isUp } from '../e2e/clusters/up.ts';
import { findBrowser } from '../e2e/src/find-browser.ts';
import { readPlaywrightReport } from './lib/playwright-report.ts';
import { run } from './lib/run.ts';
import { Tally } from './lib/tally.ts';
import { readVitestReport } from './lib/vitest-report.ts';

const CONFIG = 'e2e/kubernetes';
/** The suite of the clusters themselves, which starts them, kills a start and takes them down. */
const OF_CLUSTERS = 'clusters.test.ts';

/**
 * `npm run test:kubernetes`: everything against two real clusters, and at the end the counts. First the clusters
 * themselves, where none are up; then, over clusters that are brought up once, the suites and the workflows in a
 * browser. `npm run test:kubernetes -- suites` runs one part: clusters, suites or workflows.
 */
const tally = new Tally();
const parts = process.argv.slice(2);
const wants = (part: string) => parts.length === 0 || parts.includes(part);
const settings = readSettings(process.env);
const wasUp = await isUp(settings.directory);
const reports = mkdtempSync(join(tmpdir(), 'flatland-kubernetes-'));

async function suites(name: string, ...args: string[]): Promise<void> {
  const outputFile = join(reports, 'vitest.json');
  const { exitCode } = await run('vitest', [
    'run',
    '--config',
    `${CONFIG}/vitest.config.ts`,
    '--reporter=verbose',
    '--reporter=json',
    `--outputFile.json=${outputFile}`,
    ...args,
  ]);
  const counts = readVitestReport(outputFile);
  tally.countReport(name, counts, exitCode);
  for (const skipped of counts.skipped) tally.leftOut.push(`${skipped} (skipped by the test itself)`);
}

async function workflows(): Promise<void> {
  const browser = await findBrowser();
  if (browser === undefined) {
    tally.leftOut.push('the workflows: no Chromium on this machine; install one, or set FLATLAND_BROWSER');
    return;
  }
  const built = await run('turbo', ['run', 'build', '--output-logs=errors-only']);
  tally.countOne('console build', built.exitCode === 0);
  if (built.exitCode !== 0) return;
  const outputFile = join(reports, 'playwright.json');
  const { exitCode } = await run('playwright', ['test', '--config', `${CONFIG}/playwright.config.ts`], {
    FLATLAND_BROWSER: browser,
    PLAYWRIGHT_JSON_OUTPUT_NAME: outputFile,
  });
  tally.countReport('workflows on real clusters', readPlaywrightReport(outputFile), exitCode);
}

try {
  if (wants('clusters')) await suites('the clusters', OF_CLUSTERS);
  if (wants('suites') || wants('workflows')) {
    await bringUp(settings, console.log);
    if (wants('suites')) await suites('suites on real clusters', `--exclude=**/${OF_CLUSTERS}`);
    if (wants('workflows')) await workflows();
  }
} catch (error) {
  console.error((error as Error).message);
  tally.countOne('the clusters’ start', false);
} finally {
  if (!wasUp) await takeDown(settings.directory);
  rmSync(reports, { recursive: true, force: true });
}
process.exitCode = tally.tell();
