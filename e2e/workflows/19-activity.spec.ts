import { expect, test } from '../src/test.ts';

test('the audit goes on with what others do, without a reload', async ({ stack, signedIn: page, person }) => {
  await person.go('Activity');
  await page.getByRole('tab', { name: 'Audit' }).click();
  const audit = page.getByTestId('audit');
  await expect(audit).toBeVisible();
  const discards = audit.getByText('discard', { exact: true });
  const before = await discards.count();
  const left = await stack.flatland('leave', 'frontend', 'red');
  expect(left.stderr, 'a draft that nobody accepted the warnings of is discarded').toContain('--acknowledge');
  await expect(discards).toHaveCount(before + 1);
});
