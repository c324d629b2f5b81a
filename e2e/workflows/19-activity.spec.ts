import { leaveQuietly } from '../src/cluster-state.ts';
import { expect, test } from '../src/test.ts';

test.afterEach(({ stack }) => leaveQuietly(stack, 'reporting', 'green'));

test('the audit goes on with what others do, without a reload', async ({ stack, signedIn: page, person }) => {
  await person.go('Activity');
  await page.getByRole('tab', { name: 'Audit' }).click();
  const audit = page.getByTestId('audit');
  await expect(audit).toBeVisible();
  const applies = audit.getByText('apply', { exact: true });
  const before = await applies.count();
  expect((await stack.flatland('join', 'reporting', 'green')).exitCode).toBe(0);
  await expect(applies).toHaveCount(before + 1);
});
