import { leaveQuietly } from '../src/cluster-state.ts';
import { expect, test } from '../src/test.ts';

test.afterEach(({ stack }) => leaveQuietly(stack, 'reporting', 'green'));

test('the audit goes on with what others do, without a reload', async ({ stack, signedIn: page, person }) => {
  await person.go('Activity');
  await page.getByRole('tab', { name: 'Audit' }).click();
  const newest = page.getByRole('rowgroup', { name: 'Audit: rows' }).getByRole('row').first();
  await expect(newest).toBeVisible();
  const numberOfNewest = async () => Number.parseInt(await newest.innerText(), 10);
  const before = await numberOfNewest();
  expect((await stack.flatland('join', 'reporting', 'green')).exitCode).toBe(0);
  await expect.poll(numberOfNewest).toBeGreaterThan(before);
});
