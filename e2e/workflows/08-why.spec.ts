import { byMouseAndKeyboard, expect, SAMPLE, test } from '../src/test.ts';

byMouseAndKeyboard(() => {
  test('why says yes with the path and the last packet, and no with the object that decides', async ({
    signedIn,
    person,
  }) => {
    const pick = (end: 'from' | 'to', workload: string) => {
      const [cluster, namespace, , name = ''] = workload.split('/');
      const option = signedIn.getByRole('option', { name: `${name} ${cluster} / ${namespace}` });
      return person.pickByTyping(signedIn.getByTestId(`why-${end}`), name, option);
    };
    await person.go('Why');
    await pick('from', SAMPLE.frontend);
    await pick('to', SAMPLE.inventory);
    const verdict = signedIn.getByTestId('verdict');
    await expect(verdict).toHaveAttribute('data-answer', 'yes');
    await person.press(signedIn.getByTestId('probe-now'));
    await expect(signedIn.getByTestId('last-probe')).toContainText('came back');
    await expect(signedIn.getByTestId('hop')).toHaveCount(5);
    await expect(signedIn.getByTestId('disagreement')).toHaveCount(0);

    await pick('to', SAMPLE.ledgerDb);
    await expect(verdict).toHaveAttribute('data-answer', 'no');
    await expect(verdict).toHaveAttribute('data-reason', 'no-shared-domain');
    await expect(signedIn.getByTestId('deciding')).toContainText('Membership');
  });
});

test('a pair of workloads is a link that can be sent', async ({ signedIn }) => {
  const { origin } = new URL(signedIn.url());
  await signedIn.goto(
    `${origin}/why?from=${encodeURIComponent(SAMPLE.frontend)}&to=${encodeURIComponent(SAMPLE.ledgerDb)}`,
  );
  await expect(signedIn.getByTestId('verdict')).toHaveAttribute('data-answer', 'no');
});

test('every pair’s packet agrees with its verdict', async ({ stack }) => {
  const result = await stack.flatland('probe', '--json');
  const pairs = JSON.parse(result.stdout) as {
    agrees: boolean;
    from: string;
    to: string;
    verdict: { answer: string };
    result: { echoed: boolean };
  }[];
  expect(pairs.length).toBeGreaterThan(100);
  expect(pairs.filter((pair) => !pair.agrees)).toEqual([]);
  expect(pairs.filter((pair) => (pair.verdict.answer === 'yes') !== pair.result.echoed)).toEqual([]);
  expect(result.exitCode).toBe(0);
});
