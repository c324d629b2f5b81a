import { memberships } from '../src/cluster-state.ts';
import { byMouseAndKeyboard, expect, SAMPLE, test } from '../src/test.ts';

byMouseAndKeyboard(() => {
  test('revert is an inverse change set that is reviewed; undo is for staged edits only', async ({
    stack,
    review,
    signedIn,
    person,
  }) => {
    const before = await memberships(stack);
    await person.connect(`workload:${SAMPLE.reporting}`, 'domain:green');
    await review.expectStaged('1 staged change');
    await signedIn.keyboard.press('Control+z');
    await expect(signedIn.getByTestId('staged-count')).toHaveText('Nothing staged');
    await signedIn.keyboard.press('Control+Shift+Z');
    await review.expectStaged('1 staged change');
    await review.open();
    await review.apply();
    await review.expectState('proved');
    await review.close();
    await signedIn.keyboard.press('Control+z');
    expect(await memberships(stack)).not.toEqual(before);

    await person.go('Activity');
    await person.openFirstRow('changes');
    await person.press(signedIn.getByTestId('revert'));
    await expect(review.steps()).toHaveCount(1);
    await expect(review.sentence()).toContainText('fewer');
    await review.acknowledge();
    await review.apply();
    await review.expectState('proved');
    expect(await memberships(stack)).toEqual(before);
  });
});
