import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { startForeignCluster, type ForeignCluster } from '../src/foreign-cluster.ts';
import { MapPage } from '../src/pages/map-page.ts';
import type { Stack } from '../src/stack.ts';
import { byMouseAndKeyboard, expect, test } from '../src/test.ts';

// a kubeconfig is long to type
test.describe.configure({ timeout: 360_000 });
test.skip(process.env['FLATLAND_DATAPATH'] === 'kernel', 'clusters are connected the same on both datapaths');

let foreign: ForeignCluster;
let directory: string;
test.beforeEach(async () => {
  foreign = await startForeignCluster();
  directory = await mkdtemp(join(tmpdir(), 'fl-connect-'));
});
test.afterEach(async ({ stack }) => {
  await stack.flatland('disconnect', 'foreign');
  await foreign[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const line = (dialog: Locator, check: string) =>
  dialog.locator(`[data-testid="preflight-line"][data-check="${check}"]`);
const row = (page: Page) => page.locator('[data-testid="cluster-row"][data-id="foreign"]');

byMouseAndKeyboard(() => {
  test('a pasted kubeconfig is looked at line by line, connected, still there after the console restarts, and disconnected', async ({
    stack,
    signedIn: page,
    person,
  }) => {
    await person.go('Connect');
    await person.press(page.getByTestId('connect-open'));
    const dialog = page.getByTestId('connect-dialog');
    const next = dialog.getByTestId('connect-next');
    await person.fill(dialog.getByTestId('kubeconfig-text'), foreign.kubeconfig);
    await person.press(next);
    await expect(dialog.getByTestId('kubeconfig-context')).toContainText(/admin@foreign.*by token/);
    await expect(dialog.getByTestId('connect-name')).toHaveValue('foreign');
    await person.check(dialog.getByTestId('connect-read-only'));
    await expect(next).toHaveText('Run the preflight');
    await person.press(next);

    await expect(dialog.getByTestId('preflight-count')).toContainText('It can be connected');
    await expect(line(dialog, 'version')).toContainText('v1.32');
    await expect(line(dialog, 'read-rights')).toHaveAttribute('data-state', 'ok');
    await expect(line(dialog, 'flatland')).toContainText(/Not installed.*Install Flatland/s);
    await expect(line(dialog, 'kernel-wireguard')).toContainText(/6\.1\.0.*once an agent runs/);
    await expect(line(dialog, 'udp')).toHaveAttribute('data-state', 'unknown');
    await expect(line(dialog, 'ranges')).toContainText('overlapping pod ranges');
    await expect(line(dialog, 'dns')).toHaveAttribute('data-state', 'ok');
    expect((await stack.flatland('status')).stdout).not.toContain('foreign');

    await expect(next).toHaveText('Connect');
    await person.press(next);
    await expect(dialog).toHaveCount(0);
    await expect(row(page)).toContainText(/Flatland is not installed here.*read-only.*connected/s);
    await expectOnMap(page);

    await killConsole(stack);
    await expect(page.getByTestId('stream-lost')).toHaveCount(0);
    await page.reload();
    await expectOnMap(page);
    expect((await stack.flatland('status')).stdout).toMatch(/^foreign +reachable/m);
    for (const name of readdirSync(stack.dataDir).filter((file) => /^(journal|console)/.test(file)))
      expect(readFileSync(join(stack.dataDir, name), 'latin1').includes(foreign.token), name).toBe(false);

    await person.go('Connect');
    await person.press(row(page).getByTestId('disconnect-open'));
    const leaving = page.getByTestId('disconnect-dialog');
    await person.press(leaving.getByTestId('disconnect-confirm'));
    await expect(leaving).toContainText(/Nothing of Flatland was in foreign.*revoke them there/s);
    await person.press(leaving.getByTestId('disconnect-close'));
    await expect(row(page)).toHaveCount(0);
    expect((await stack.flatland('status')).stdout).not.toContain('foreign');
  });
});

test('a kubeconfig that would run a program is refused with its reason, nothing runs, and nothing is connected', async ({
  signedIn: page,
  stack,
}) => {
  const canary = join(directory, 'canary');
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'touch', args: [canary] };
  const config = JSON.parse(foreign.kubeconfig) as { users: { user: object }[] };
  config.users[0]!.user = { exec };
  const file = join(directory, 'hostile.yaml');
  await writeFile(file, JSON.stringify(config));

  await page.goto(new URL('/connect', page.url()).href);
  await page.getByTestId('connect-open').click();
  const dialog = page.getByTestId('connect-dialog');
  await dialog.getByTestId('kubeconfig-file').setInputFiles(file);
  await dialog.getByTestId('connect-next').click();
  await expect(dialog.getByTestId('kubeconfig-fault')).toContainText(
    /users\[0\]\.user\.exec.*no program from a kubeconfig is ever run.*kubectl create token/,
  );
  await expect(dialog.getByTestId('connect-next')).toHaveAttribute('aria-disabled', 'true');
  await dialog.getByTestId('kubeconfig-text').fill('hello');
  await dialog.getByTestId('connect-next').click();
  await expect(dialog.getByTestId('connect-error')).toContainText('It is not a v1 Config object');

  const refused = await stack.flatland('connect', file);
  expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining('is ever run')]);
  expect(existsSync(canary)).toBe(false);
  expect((await stack.flatland('status')).stdout).not.toContain('foreign');
});

test('the command line looks, connects and disconnects as the console does, with exit codes', async ({
  stack,
}) => {
  const file = join(directory, 'kubeconfig');
  await writeFile(file, foreign.kubeconfig);
  const spoiled = join(directory, 'spoiled');
  await writeFile(spoiled, foreign.kubeconfig.replace(foreign.token, 'canary-of-a-token'));

  const looked = await stack.flatland('preflight', file, '--json');
  expect(looked.exitCode, looked.stderr).toBe(0);
  expect(JSON.parse(looked.stdout)).toMatchObject({ name: 'foreign', canConnect: true });
  const failed = await stack.flatland('preflight', spoiled);
  expect([failed.exitCode, failed.stdout]).toEqual([1, expect.stringContaining('does not know these')]);
  const connected = await stack.flatland('connect', file, '--context', 'admin@foreign', '--read-only');
  expect(connected.exitCode, connected.stderr).toBe(0);
  expect(connected.stdout).toMatch(/^foreign is connected, read-only\n/);

  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['connect', file], 1, /connected already, as foreign/],
    [['connect', spoiled, '--name', 'other'], 1, /does not know these credentials/],
    [['connect', file, '--context', 'nowhere'], 1, /no context nowhere/],
    [['connect', join(directory, 'absent')], 2, /cannot be read: ENOENT/],
    [['preflight'], 2, /missing required argument/],
    [['disconnect', 'aws-east'], 1, /a context of the console’s kubeconfig/],
    [['disconnect', 'mars'], 1, /There is no cluster mars/],
  ];
  for (const [args, exitCode, text] of cases) {
    const ran = await stack.flatland(...args);
    expect.soft([args.join(' '), ran.exitCode], ran.stderr).toEqual([args.join(' '), exitCode]);
    expect.soft(ran.stderr, args.join(' ')).toMatch(text);
    expect.soft(ran.stdout + ran.stderr).not.toMatch(/canary-of-a-token|\n\s+at .*:\d+:\d+/);
  }
  const gone = await stack.flatland('disconnect', 'foreign', '--json');
  expect(gone.exitCode, gone.stderr).toBe(0);
  expect(JSON.parse(gone.stdout)).toMatchObject({ name: 'foreign', stays: [] });
});

/** The cluster and its workload are drawn. */
async function expectOnMap(page: Page): Promise<void> {
  const { pathname, href } = new URL(page.url());
  if (pathname !== '/') await page.goto(new URL('/', href).href);
  const map = new MapPage(page);
  await map.ready();
  await expect
    .poll(async () => (await map.seam()).nodes.map(({ key }) => key))
    .toEqual(expect.arrayContaining(['cluster:foreign', 'workload:foreign/shop/Deployment/checkout']));
}

/** Kills the console, and waits until another runs in its place. */
async function killConsole(stack: Stack): Promise<void> {
  const pidNow = () =>
    (JSON.parse(readFileSync(join(stack.dataDir, 'console.json'), 'utf8')) as { pid: number }).pid;
  const pid = pidNow();
  process.kill(pid, 'SIGKILL');
  await expect.poll(pidNow, { timeout: 30_000 }).not.toBe(pid);
}
