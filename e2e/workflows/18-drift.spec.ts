import type { Page } from '@playwright/test';
import { axeFaults } from '../src/axe-faults.ts';
import { kubectlGet, leaveQuietly, memberships } from '../src/cluster-state.ts';
import { applyMtu, liveMtu, MTU_DOMAIN, patchMtu, withoutMtu } from '../src/domain-mtu.ts';
import type { MapPage } from '../src/pages/map-page.ts';
import { podsOf } from '../src/pods-of.ts';
import type { Stack } from '../src/stack.ts';
import { byMouseAndKeyboard, expect, SAMPLE, test } from '../src/test.ts';

const DOMAIN = `domain:${MTU_DOMAIN.name}`;
const REPORTING = podsOf(SAMPLE.reporting);
const MEMBERSHIP = `${REPORTING.cluster}/${REPORTING.namespace}/green.deployment.reporting`;

test.afterEach(async ({ stack }) => {
  await leaveQuietly(stack, 'reporting', 'green');
  await withoutMtu(stack);
});

byMouseAndKeyboard(() => {
  test('what somebody changes is marked on the map and shown field by field; restored it is as it was applied', async ({
    stack,
    map,
    review,
    signedIn: page,
    person,
  }) => {
    expect((await applyMtu(stack, 1350)).state).toBe('proved');
    await map.expectDrift(DOMAIN, undefined);
    await patchMtu(stack, 1400);
    await map.expectDrift(DOMAIN, 1);
    await expect(page.getByTestId('nav-count-warn').last()).toHaveText(/1 object is not as applied/);
    await person.select(DOMAIN);
    const notice = page.getByTestId('side-panel').getByTestId('drift-notice');
    await expect(notice).toContainText('Domain sandbox in onprem-fra: spec.mtuBytes');
    expect(await axeFaults(page, 'panel of what drifted')).toEqual([]);

    await person.press(notice.getByTestId('drift-link'));
    const field = fieldOf(page, 'spec.mtuBytes');
    await expect(field).toContainText(/1350.*1400.*kubectl-patch/s);
    await expect(page.getByTestId('drift-detail').getByTestId('yaml-diff')).toContainText('mtuBytes');
    expect(await axeFaults(page, 'drift')).toEqual([]);
    await test.step('it changes once more, and is shown as it is', async () => {
      await patchMtu(stack, 1420);
      await expect(field).toContainText(/1350.*1420/s);
    });

    await person.press(page.getByTestId('drift-restore'));
    await expect(page.getByTestId('change-set-title')).toHaveText('Restore Domain sandbox in onprem-fra');
    expect(await liveMtu(stack), 'nothing is written before it is applied').toBe(1420);
    await person.choose(review.sheet.getByTestId('choose-take-over'));
    await review.acknowledge();
    await review.apply();
    await review.expectState('proved');
    expect(await liveMtu(stack)).toBe(1350);
    await person.press(page.getByTestId('review-done'));
    await expect(page.getByTestId('no-drift')).toBeVisible();
    await person.go('Map');
    await map.expectDrift(DOMAIN, undefined);
  });

  test('what is adopted is wanted from then on: nothing is written, and it can be reverted', async ({
    stack,
    map,
    review,
    signedIn: page,
    person,
  }) => {
    await applyMtu(stack, 1350);
    await patchMtu(stack, 1400);
    await map.expectDrift(DOMAIN, 1);
    const before = await writtenOf(stack);
    await person.select(DOMAIN);
    await person.press(page.getByTestId('drift-link'));
    await person.press(page.getByTestId('drift-adopt'));
    await expect(review.sentence()).toHaveText(/is taken as it is; nothing is written/);
    await expect(page.getByTestId('drift-row')).toHaveCount(0);
    expect(await liveMtu(stack)).toBe(1400);
    expect(await writtenOf(stack)).toEqual(before);
    await person.press(page.getByTestId('revert'));
    await expect(page.getByTestId('change-set-title')).toHaveText(/^Revert “Adopt Domain sandbox/);
    await expect(review.sheet.getByTestId('conflict-field')).toContainText(/1400.*1350/s);
    await review.close();
    await person.go('Map');
    await map.expectDrift(DOMAIN, undefined);
  });

  test('several are restored as one change set, a deleted one among them', async ({
    stack,
    map,
    review,
    signedIn: page,
    person,
  }) => {
    await spoilTwo(stack, map);
    await person.select(`workload:${SAMPLE.reporting}`);
    await person.press(page.getByTestId('drift-link'));
    await expect(page.getByTestId('drift-sentence')).toContainText('Somebody deleted it');
    await person.press(page.getByTestId('restore-all'));
    await expect(page.getByTestId('change-set-title')).toHaveText('Restore 2 objects');
    await expect(review.steps()).toHaveCount(2);
    await person.choose(review.sheet.getByTestId('choose-take-over'));
    await review.acknowledge();
    await review.apply();
    await review.expectState('proved');
    expect(await liveMtu(stack)).toBe(1350);
    expect(await memberships(stack)).toContain(MEMBERSHIP);
    await expect(page.getByTestId('no-drift')).toBeVisible();
  });

  test('several are adopted as one change set, each as it was shown', async ({
    stack,
    map,
    signedIn: page,
    person,
  }) => {
    await spoilTwo(stack, map);
    await person.select(DOMAIN);
    await person.press(page.getByTestId('drift-link'));
    await person.press(page.getByTestId('adopt-all'));
    const dialog = page.getByTestId('adopt-dialog');
    await expect(dialog.getByTestId('adopt-object')).toHaveText([
      /sandbox.*1350 → 1400/s,
      /green\.deployment\.reporting.*deleted/s,
    ]);
    expect(await axeFaults(page, 'adopting several')).toEqual([]);
    await person.press(dialog.getByTestId('adopt-confirm'));
    await expect(page.getByTestId('change-set-title')).toHaveText('Adopt 2 objects');
    await expect(page.getByTestId('no-drift')).toBeVisible();
    expect(await liveMtu(stack)).toBe(1400);
    expect(await memberships(stack)).not.toContain(MEMBERSHIP);
  });
});

function fieldOf(page: Page, path: string) {
  return page.locator(`[data-testid="drift-field"][data-field="${path}"]`);
}

/** What a domain says and who wrote it, without its status, which controllers go on writing. */
async function writtenOf(stack: Stack): Promise<unknown> {
  const [domain] = await kubectlGet(
    stack,
    MTU_DOMAIN.cluster,
    'domain',
    MTU_DOMAIN.name,
    '--show-managed-fields',
  );
  const { resourceVersion: _version, managedFields = [], ...metadata } = domain!.metadata;
  return {
    metadata,
    spec: domain!.spec,
    by: managedFields.filter(({ subresource }) => subresource !== 'status'),
  };
}

/** Applies a domain and a membership; then edits the one and deletes the other behind the console's back. */
async function spoilTwo(stack: Stack, map: MapPage): Promise<void> {
  await applyMtu(stack, 1350);
  expect((await stack.flatland('join', 'reporting', 'green')).exitCode).toBe(0);
  await patchMtu(stack, 1400);
  const { cluster, namespace } = REPORTING;
  const args = ['delete', 'membership', 'green.deployment.reporting', '-n', namespace];
  expect((await stack.kubectl('--context', cluster, ...args)).stderr).toBe('');
  await map.expectDrift(DOMAIN, 1);
  await map.expectDrift(`workload:${SAMPLE.reporting}`, 1);
}
