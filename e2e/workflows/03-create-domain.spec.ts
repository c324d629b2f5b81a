import { kubectlGet } from '../src/cluster-state.ts';
import { expect, SAMPLE, test } from '../src/test.ts';

test('a prefix that overlaps a range of a cluster blocks staging and names range and cluster', async ({
  signedIn,
}) => {
  await signedIn.getByRole('link', { name: 'Domains' }).click();
  await signedIn.getByTestId('new-domain-open').click();
  const dialog = signedIn.getByTestId('new-domain');
  await dialog.getByTestId('new-domain-name').fill('blue');
  await dialog.getByTestId('new-domain-prefixes').fill('10.244.0.0/16');
  await expect(
    dialog.getByText('10.244.0.0/16 overlaps the pod range 10.244.0.0/16 of aws-east').first(),
  ).toBeVisible();
  await expect(dialog.getByTestId('new-domain-stage')).toHaveAttribute('aria-disabled', 'true');
  await dialog.getByTestId('new-domain-prefixes').fill('10.300.0.0/16');
  await expect(dialog.getByTestId('new-domain-stage')).toHaveAttribute('aria-disabled', 'true');
  await dialog.getByTestId('new-domain-name').fill('Not a label');
  await expect(dialog.getByText(/DNS label/).first()).toBeVisible();
});

test('a new domain spans its clusters, and its first member is proved', async ({
  stack,
  map,
  review,
  signedIn,
}) => {
  await signedIn.getByRole('link', { name: 'Domains' }).click();
  await signedIn.getByTestId('new-domain-open').click();
  const dialog = signedIn.getByTestId('new-domain');
  await dialog.getByTestId('new-domain-name').fill('blue');
  await dialog.getByTestId('new-domain-stage').click();
  await signedIn.getByRole('link', { name: 'Map' }).click();
  await map.ready();
  await review.expectStaged('1 staged change');
  await map.drag(`workload:${SAMPLE.printServer}`, 'domain:blue');
  await map.drag(`workload:${SAMPLE.ledgerDb}`, 'domain:blue');
  await review.expectStaged('3 staged changes');
  await review.open();
  await expect(review.steps()).toHaveCount(5);
  await review.apply();
  await review.expectState('proved');
  const copies = await Promise.all(
    ['aws-east', 'gke-west', 'onprem-fra'].map((cluster) => kubectlGet(stack, cluster, 'domain', 'blue')),
  );
  expect(new Set(copies.map(([copy]) => JSON.stringify(copy?.spec))).size).toBe(1);
  await review.close();
  await map.expectMember(SAMPLE.printServer, 'blue', 'proved');

  for (const member of ['print-server', 'ledger-db'])
    expect((await stack.flatland('leave', member, 'blue', '--acknowledge')).exitCode).toBe(0);
  await map.click('domain:blue');
  await signedIn.getByTestId('delete-domain').click();
  await review.open();
  await review.acknowledge();
  await review.apply();
  await review.expectState('proved');
  await review.close();
  await expect
    .poll(async () => (await map.seam()).nodes.some((node) => node.key === 'domain:blue'))
    .toBe(false);
});
