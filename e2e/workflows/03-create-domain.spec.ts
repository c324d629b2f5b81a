import { kubectlGet } from '../src/cluster-state.ts';
import { byMouseAndKeyboard, expect, SAMPLE, test, WORLD } from '../src/test.ts';

byMouseAndKeyboard(() => {
  test('a prefix that overlaps a range of a cluster blocks staging and names range and cluster', async ({
    signedIn,
    person,
  }) => {
    await person.go('Domains');
    await person.press(signedIn.getByTestId('new-domain-open'));
    const dialog = signedIn.getByTestId('new-domain');
    await person.fill(dialog.getByTestId('new-domain-name'), 'blue');
    await person.fill(dialog.getByTestId('new-domain-prefixes'), '10.244.0.0/16');
    await expect(
      dialog.getByText(/10\.244\.0\.0\/16 overlaps the pod range 10\.244\.\S+ of aws-east/).first(),
    ).toBeVisible();
    await expect(dialog.getByTestId('new-domain-stage')).toHaveAttribute('aria-disabled', 'true');
    await person.fill(dialog.getByTestId('new-domain-prefixes'), '10.300.0.0/16');
    await expect(dialog.getByTestId('new-domain-stage')).toHaveAttribute('aria-disabled', 'true');
    await person.fill(dialog.getByTestId('new-domain-name'), 'Not a label');
    await expect(dialog.getByText(/DNS label/).first()).toBeVisible();
  });

  test('a new domain spans its clusters, and its first member is proved', async ({
    stack,
    map,
    review,
    signedIn,
    person,
  }) => {
    await person.go('Domains');
    await person.press(signedIn.getByTestId('new-domain-open'));
    const dialog = signedIn.getByTestId('new-domain');
    await person.fill(dialog.getByTestId('new-domain-name'), 'blue');
    await person.press(dialog.getByTestId('new-domain-stage'));
    await person.go('Map');
    await map.ready();
    await review.expectStaged('1 staged change');
    await person.connect(`workload:${SAMPLE.printServer}`, 'domain:blue');
    await person.connect(`workload:${SAMPLE.ledgerDb}`, 'domain:blue');
    await review.expectStaged('3 staged changes');
    await review.open();
    await expect(review.steps()).toHaveCount(WORLD.clusters.length + 2);
    await review.apply();
    await review.expectState('proved');
    const copies = await Promise.all(
      WORLD.clusters.map((cluster) => kubectlGet(stack, cluster, 'domain', 'blue')),
    );
    expect(new Set(copies.map(([copy]) => JSON.stringify(copy?.spec))).size).toBe(1);
    await review.close();
    await map.expectMember(SAMPLE.printServer, 'blue', 'proved');

    for (const member of ['print-server', 'ledger-db'])
      expect((await stack.flatland('leave', member, 'blue', '--acknowledge')).exitCode).toBe(0);
    await person.select('domain:blue');
    await person.press(signedIn.getByTestId('delete-domain'));
    await review.open();
    await review.acknowledge();
    await review.apply();
    await review.expectState('proved');
    await review.close();
    await expect
      .poll(async () => (await map.seam()).nodes.some((node) => node.key === 'domain:blue'))
      .toBe(false);
  });
});
