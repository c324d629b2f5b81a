import { memberships } from '../src/cluster-state.ts';
import { byMouseAndKeyboard, expect, SAMPLE, test } from '../src/test.ts';

byMouseAndKeyboard(() => {
  test('connecting two workloads asks which domain, and says whom else each would reach', async ({
    stack,
    map,
    review,
    signedIn,
    person,
  }) => {
    const before = await memberships(stack);
    await person.connect(`workload:${SAMPLE.printServer}`, `workload:${SAMPLE.sandboxApi}`);
    const dialog = signedIn.getByTestId('choose-domain');
    await expect(dialog.getByTestId('option-sandbox')).toBeVisible();
    await expect(dialog.getByTestId('option-new')).toBeVisible();
    await expect(signedIn.getByTestId('staged-bar')).toHaveCount(0);

    await person.choose(dialog.getByTestId('option-sandbox'));
    await person.press(dialog.getByTestId('choose-domain-confirm'));
    await review.expectStaged('1 staged change');
    await map.expectMember(SAMPLE.printServer, 'sandbox', 'staged-add');
    await person.press(signedIn.getByTestId('discard'));
    expect(await memberships(stack)).toEqual(before);
  });

  test('two workloads without a domain get a new one only when the person says so', async ({
    review,
    signedIn,
    person,
  }) => {
    await person.connect(`workload:${SAMPLE.reporting}`, `workload:${SAMPLE.ledgerDb}`);
    const dialog = signedIn.getByTestId('choose-domain');
    await expect(dialog.getByTestId('option-green')).toBeVisible();
    await expect(dialog.getByTestId('option-red')).toBeVisible();
    await person.choose(dialog.getByTestId('option-new'));
    await person.press(dialog.getByTestId('choose-domain-confirm'));
    const create = signedIn.getByTestId('new-domain');
    await person.press(create.getByTestId('new-domain-stage'));
    await review.expectStaged('1 staged change');
    await person.press(signedIn.getByTestId('undo'));
    await expect(signedIn.getByTestId('staged-count')).toHaveText('Nothing staged');
  });
});
