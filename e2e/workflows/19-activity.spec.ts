import { byMouseAndKeyboard, expect, test } from '../src/test.ts';

byMouseAndKeyboard(() => {
  test('the audit goes on with what others do, without a reload', async ({
    stack,
    signedIn: page,
    person,
  }) => {
    await person.go('Activity');
    await person.press(page.getByRole('tab', { name: 'Audit' }));
    const discards = page.getByTestId('audit').getByText('discard', { exact: true });
    await expect(page.getByTestId('audit')).toBeVisible();
    const before = await discards.count();
    // A draft with nothing to apply is made, and discarded.
    expect((await stack.flatland('join', 'frontend', 'red')).exitCode).toBe(0);
    await expect(discards).toHaveCount(before + 1);
  });
});
