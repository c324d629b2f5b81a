import { writeFileSync } from 'node:fs';
import { axeFaults } from '../src/axe-faults.ts';
import { applyMtu, liveMtu, MTU_DOMAIN, withoutMtu } from '../src/domain-mtu.ts';
import type { Stack } from '../src/stack.ts';
import { byMouseAndKeyboard, expect, test } from '../src/test.ts';

/** Somebody else takes the domain's MTU for their own, by server-side apply. */
async function takeMtu(stack: Stack, manager: string, mtuBytes: number): Promise<void> {
  const file = test.info().outputPath(`${manager}.json`);
  const metadata = { name: MTU_DOMAIN.name };
  writeFileSync(
    file,
    JSON.stringify({ apiVersion: 'flatland.dev/v1alpha1', kind: 'Domain', metadata, spec: { mtuBytes } }),
  );
  const args = ['apply', '--server-side', '--force-conflicts', `--field-manager=${manager}`, '-f', file];
  const applied = await stack.kubectl('--context', MTU_DOMAIN.cluster, ...args);
  expect(applied.stderr).toBe('');
}

test.afterEach(({ stack }) => withoutMtu(stack));

byMouseAndKeyboard(() => {
  test('a field of somebody else is shown in three ways, taken over only as chosen, and axe finds no fault in it', async ({
    stack,
    review,
    signedIn: page,
    person,
  }) => {
    await takeMtu(stack, 'bob', 1400);
    const { id, state } = await applyMtu(stack, 1350);
    expect(state).toBe('partial');
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
      await takeMtu(stack, 'carol', 1420);
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
