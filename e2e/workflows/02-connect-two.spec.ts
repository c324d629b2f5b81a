import { memberships } from '../src/cluster-state.ts';
import { expect, SAMPLE, test } from '../src/test.ts';

test('connecting two workloads asks which domain, and says whom else each would reach', async ({
  stack,
  map,
  review,
  signedIn,
}) => {
  const before = await memberships(stack);
  await map.drag(`workload:${SAMPLE.printServer}`, `workload:${SAMPLE.sandboxApi}`);
  const dialog = signedIn.getByTestId('choose-domain');
  await expect(dialog.getByTestId('option-sandbox')).toBeVisible();
  await expect(dialog.getByTestId('option-new')).toBeVisible();
  await expect(signedIn.getByTestId('staged-bar')).toHaveCount(0);

  await dialog.getByTestId('option-sandbox').click();
  await dialog.getByTestId('choose-domain-confirm').click();
  await review.expectStaged('1 staged change');
  await map.expectMember(SAMPLE.printServer, 'sandbox', 'staged-add');
  await signedIn.getByTestId('discard').click();
  expect(await memberships(stack)).toEqual(before);
});

test('two workloads without a domain get a new one only when the person says so', async ({
  map,
  review,
  signedIn,
}) => {
  await map.drag(`workload:${SAMPLE.reporting}`, `workload:${SAMPLE.ledgerDb}`);
  const dialog = signedIn.getByTestId('choose-domain');
  await expect(dialog.getByTestId('option-green')).toBeVisible();
  await expect(dialog.getByTestId('option-red')).toBeVisible();
  await dialog.getByTestId('option-new').click();
  await dialog.getByTestId('choose-domain-confirm').click();
  const create = signedIn.getByTestId('new-domain');
  if (await create.isVisible()) await create.getByTestId('new-domain-stage').click();
  await review.expectStaged('1 staged change');
  await signedIn.getByTestId('undo').click();
  await expect(signedIn.getByTestId('staged-count')).toHaveText('Nothing staged');
});
