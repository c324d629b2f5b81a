import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeMissing, preflight } from '@flatland/lab/machine/preflight';
import { findBrowser } from '../e2e/src/find-browser.ts';
import { readPlaywrightReport } from './lib/playwright-report.ts';
import { run } from './lib/run.ts';
import { Tally } from './lib/tally.ts';
import { readVitestReport } from './lib/vitest-report.ts';

/** What makes tests long. */
const LONG = {
  FLATLAND_LONG: '1',
  FLATLAND_KILLS: '200',
  FLATLAND_TRANSFER_MEGABYTES: '10000',
  FLATLAND_AGENT_KILLS: '20',
  FLATLAND_FORWARDER_KILLS: '2',
};

/**
 * `npm test`: everything that this machine can check, and at the end what was left out and why.
 * `npm test -- unit` runs one part: checks, unit or workflows. `npm run test:long` runs the same with the figures
 * that take hours: more random worlds, more kills, more bytes.
 */
const reports = mkdtempSync(join(tmpdir(), 'flatland-test-'));
const tally = new Tally();
const { leftOut } = tally;
const parts = process.argv.slice(2).filter((part) => part !== '--long');
if (process.argv.includes('--long'))
  for (const [name, value] of Object.entries(LONG)) process.env[name] ??= value;

const wants = (part: string) => parts.length === 0 || parts.includes(part);

async function check(name: string, program: string, args: readonly string[]): Promise<void> {
  const { exitCode } = await run(program, args);
  tally.countOne(name, exitCode === 0);
}

async function checks(): Promise<void> {
  await check('types', 'turbo', ['run', 'typecheck', '--output-logs=errors-only']);
  await check('lint', 'oxlint', []);
  await check('workspace boundaries', 'turbo', ['boundaries']);
  const cruise = await run('depcruise', ['--config', '.dependency-cruiser.cjs', 'packages', 'apps', 'e2e']);
  const cruised = Number(/(\d+) modules/.exec(cruise.output)?.[1] ?? 0);
  if (cruised < 100) console.log(`only ${cruised} modules were cruised`);
  tally.countOne('import directions', cruise.exitCode === 0 && cruised >= 100);
}

async function unit(): Promise<void> {
  // Labs of ordinary users, who may not write here, start what is bundled.
  await check('bundled programs', process.execPath, ['scripts/bundle-programs.ts']);
  const outputFile = join(reports, 'vitest.json');
  const { exitCode } = await run('vitest', [
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${outputFile}`,
  ]);
  const counts = readVitestReport(outputFile);
  tally.countReport('unit, property and component tests', counts, exitCode);
  for (const name of counts.skipped) leftOut.push(`${name} (skipped by the test itself; it prints why)`);
}

async function workflows(): Promise<void> {
  const browser = await findBrowser();
  if (browser === undefined) {
    leftOut.push('the workflows: no Chromium on this machine; install one, or set FLATLAND_BROWSER');
    return;
  }
  await check('console build', 'turbo', ['run', 'build', '--output-logs=errors-only']);
  const kernel = await preflight();
  const problem = kernel.ok ? undefined : describeMissing(kernel.missing);
  if (problem !== undefined) leftOut.push(`the workflows on the kernel datapath: ${problem}`);
  for (const datapath of problem === undefined ? ['kernel', 'in-memory'] : ['in-memory']) {
    const outputFile = join(reports, `playwright-${datapath}.json`);
    const { exitCode } = await run('playwright', ['test', '--config', 'e2e/playwright.config.ts'], {
      FLATLAND_DATAPATH: datapath,
      FLATLAND_BROWSER: browser,
      PLAYWRIGHT_JSON_OUTPUT_NAME: outputFile,
    });
    const counts = readPlaywrightReport(outputFile);
    tally.countReport(`workflows, ${datapath}`, counts, exitCode);
    if (counts.skipped.length > 0)
      leftOut.push(`${counts.skipped.length} workflows on ${datapath} (skipped by themselves; see above)`);
  }
}

try {
  if (wants('checks')) await checks();
  if (wants('unit')) await unit();
  if (wants('workflows')) await workflows();
  if (parts.length === 0)
    leftOut.push(
      'the suites against real clusters: `npm run test:kubernetes`, as root, with Go to build Kubernetes',
    );
} finally {
  rmSync(reports, { recursive: true, force: true });
}
process.exitCode = tally.tell();
