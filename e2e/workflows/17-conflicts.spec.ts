import { writeFileSync } from 'node:fs';
import { axeFaults } from '../src/axe-faults.ts';
import { kubectlGet } from '../src/cluster-state.ts';
import type { Stack } from '../src/stack.ts';
import { byMouseAndKeyboard, expect, test } from '../src/test.ts';

const DOMAIN = 'sandbox';
const CLUSTER = 'onprem-fra';

/** Somebody else takes the domain's MTU for their own, by server-side apply. */
async function applyMtu(stack: Stack, manager: string, mtuBytes: number): Promise<void> {
  const file = test.info().outputPath(`${manager}.json`);
  const metadata = { name: DOMAIN };
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: 'flatland.dev/v1alpha1', kind: 'Domain', metadata, spec: { mtuBytes } }),
  );
  const args = ['apply', '--server-side', '--force-conflicts', `--field-manager=${manager}`, '-f', file];
  const applied = await stack.kubectl('--context', CLUSTER, ...args);
  expect(applied.stderr).toBe('');
}

async function liveMtu(stack: Stack): Promise<unknown> {
  const [domain] = await kubectlGet(stack, CLUSTER, 'domain', DOMAIN);
  return (domain?.spec as { mtuBytes?: number } | undefined)?.mtuBytes;
}

/** The domain as it is, with another MTU, applied from the command line until something stops it. */
async function applyFile(stack: Stack, mtuBytes: number): Promise<string> {
  const [live] = await kubectlGet(stack, CLUSTER, 'domain', DOMAIN);
  const { name, labels } = live!.metadata as { name: string; labels?: object };
  const spec = { ...(live!.spec as object), mtuBytes };
  const file = test.info().outputPath('domain.json');
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: 'flatland.dev/v1alpha1', kind: 'Domain', metadata: { name, labels }, spec }),
  );
  const applied = await stack.flatland('apply', '-f', file, '--cluster', CLUSTER, '--acknowledge', '--json');
  const parsed = JSON.parse(applied.stdout) as { summary: { id: string; state: string } };
  expect(parsed.summary.state).toBe('partial');
  return parsed.summary.id;
}

test.afterEach(async ({ stack }) => {
  const patch = JSON.stringify([{ op: 'remove', path: '/spec/mtuBytes' }]);
  await stack.kubectl('--context', CLUSTER, 'patch', 'domain', DOMAIN, '--type=json', '-p', patch);
});

byMouseAndKeyboard(() => {
  test('a field of somebody else is shown in three ways, taken over only as chosen, and axe finds no fault in it', async ({
    stack,
    review,
    signedIn: page,
    person,
  }) => {
    await applyMtu(stack, 'bob', 1400);
    const id = await applyFile(stack, 1350);
    expect(await liveMtu(stack)).toBe(1400);

    await page.goto(`${new URL(page.url()).origin}/?review=${id}`);
    const field = review.sheet.locator('[data-testid="conflict-field"][data-field="spec.mtuBytes"]');
    await expect(field).toContainText(/1400.*bob.*1350/s);
    const resolve = review.sheet.getByTestId('resolve');
    await expect(resolve).toBeDisabled();
    expect(await axeFaults(page, 'conflict')).toEqual([]);

    await person.choose(field.getByTestId('choose-take-over'));
    await expect(field.getByTestId('choose-take-over')).toBeChecked();
    await test.step('it changes once more: what was chosen holds no longer', async () => {
      await applyMtu(stack, 'carol', 1420);
      await expect(field).toContainText(/1420.*carol.*1350/s);
      await expect(field.getByTestId('choose-take-over')).not.toBeChecked();
      await expect(resolve).toBeDisabled();
      expect(await liveMtu(stack)).toBe(1420);
    });
    await person.choose(field.getByTestId('choose-take-over'));
    await person.press(resolve);
    await review.expectState('proved');
    expect(await liveMtu(stack)).toBe(1350);
  });
});
