import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPrograms } from '../e2e/clusters/build.ts';
import { takeDown } from '../e2e/clusters/down.ts';
import { readSettings } from '../e2e/clusters/settings.ts';
import { bringUp, isUp } from '../e2e/clusters/up.ts';
import { findBrowser } from '../e2e/src/find-browser.ts';
import { readPlaywrightReport } from './lib/playwright-report.ts';
import { run } from './lib/run.ts';
import { Tally } from './lib/tally.ts';
import { readVitestReport } from './lib/vitest-report.ts';

const CONFIG = 'e2e/kubernetes';
/** What the embedded server is compared with, unless `FLATLAND_KUBERNETES` names one. */
const RELEASES = ['1.36.3', '1.37.2'];
/** Sequences of requests that both servers get, of each release. */
const SEQUENCES = '200';
/** The suite of the clusters themselves, which starts them, kills a start and takes them down. */
const OF_CLUSTERS = 'clusters.test.ts';
/** That of Flatland on them, which does the same where they are not up. */
const OF_FLATLAND = 'flatland.test.ts';
/** Address families beside that of the other parts. */
const FAMILIES = ['dual', 'ipv6'];

/**
 * `npm run test:kubernetes`: everything against real Kubernetes, and at the end the counts. First what needs no cluster,
 * but bare API servers of two releases: the conformance suite, and the embedded server compared with them. Then the clusters
 * themselves, where none are up; then, over clusters that are brought up once, the suites and the workflows in a
 * browser. `npm run test:kubernetes -- suites` runs one part: servers, clusters, suites or workflows; and, only where they
 * are asked for, flatland: Flatland on clusters, as a short check; families: the same over other address families.
 */
const tally = new Tally();
const parts = process.argv.slice(2);
const wants = (part: string) => parts.length === 0 || parts.includes(part);
const settings = readSettings(process.env);
const wasUp = await isUp(settings.directory);
const reports = mkdtempSync(join(tmpdir(), 'flatland-kubernetes-'));

function suites(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  return vitest(name, ['--config', `${CONFIG}/vitest.config.ts`, ...args], env);
}

/** Against etcd, kube-apiserver and controllers, which the tests start; needs no root. */
async function servers(release: string): Promise<void> {
  const FLATLAND_KUBERNETES = release;
  await buildPrograms(readSettings({ ...process.env, FLATLAND_KUBERNETES }), console.log, [
    'etcd',
    'kube-apiserver',
    'kube-controller-manager',
  ]);
  await vitest(
    `the embedded API server and Kubernetes ${release}`,
    ['--project=kube', 'test/conformance.test.ts', 'test/differential.test.ts'],
    {
      FLATLAND_CONFORMANCE: 'bare',
      FLATLAND_KUBERNETES,
      FLATLAND_SEQUENCES: process.env['FLATLAND_SEQUENCES'] ?? SEQUENCES,
    },
  );
}

async function vitest(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const outputFile = join(reports, 'vitest.json');
  const reporters = ['--reporter=verbose', '--reporter=json', `--outputFile.json=${outputFile}`];
  const { exitCode } = await run('vitest', ['run', ...reporters, ...args], env);
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
  const asked = process.env['FLATLAND_KUBERNETES'];
  if (wants('servers')) for (const release of asked ? [asked] : RELEASES) await servers(release);
  if (wants('clusters')) await suites('the clusters', [OF_CLUSTERS]);
  if (parts.includes('flatland')) await suites('Flatland on real clusters', [OF_FLATLAND]);
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
