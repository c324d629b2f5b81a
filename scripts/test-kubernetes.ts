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
/** That of Flatland on them, which does the same where they are not up. */
const OF_FLATLAND = 'flatland.test.ts';
/** Address families beside that of the other parts. */
const FAMILIES = ['dual', 'ipv6'];

/**
 * `npm run test:kubernetes`: everything against two real clusters, and at the end the counts. First the clusters
 * themselves, where none are up; then, over clusters that are brought up once, the suites and the workflows in a
 * browser. `npm run test:kubernetes -- suites` runs one part: clusters, suites, workflows, or, only where it is asked for,
 * families: clusters and Flatland over other address families.
 */
const tally = new Tally();
const parts = process.argv.slice(2);
const wants = (part: string) => parts.length === 0 || parts.includes(part);
const settings = readSettings(process.env);
const wasUp = await isUp(settings.directory);
const reports = mkdtempSync(join(tmpdir(), 'flatland-kubernetes-'));

async function suites(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const outputFile = join(reports, 'vitest.json');
  const config = `${CONFIG}/vitest.config.ts`;
  const reporters = ['--reporter=verbose', '--reporter=json', `--outputFile.json=${outputFile}`];
  const { exitCode } = await run('vitest', ['run', '--config', config, ...reporters, ...args], env);
  const counts = readVitestReport(outputFile);
  tally.countReport(name, counts, exitCode);
  for (const skipped of counts.skipped) tally.leftOut.push(`${skipped} (skipped by the test itself)`);
}

async function families(): Promise<void> {
  if (wasUp) {
    tally.leftOut.push('other address families: clusters are up already; take them down first');
    return;
  }
  for (const family of FAMILIES)
    await suites(`clusters and Flatland, ${family}`, [OF_CLUSTERS, OF_FLATLAND], {
      FLATLAND_CLUSTERS_FAMILY: family,
    });
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
  if (wants('clusters')) await suites('the clusters', [OF_CLUSTERS]);
  if (parts.includes('families')) await families();
  if (wants('suites') || wants('workflows')) {
    await bringUp(settings, console.log);
    if (wants('suites')) await suites('suites on real clusters', [`--exclude=**/${OF_CLUSTERS}`]);
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
