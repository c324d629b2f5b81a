import { KeyboardPerson } from '../src/hands/keyboard.ts';
import { memberships, podIdentities } from '../src/cluster-state.ts';
import { byMouseAndKeyboard, expect, SAMPLE, test, WORLD } from '../src/test.ts';

const REPORTING = `workload:${SAMPLE.reporting}`;

byMouseAndKeyboard(() => {
  test('a workload joins a domain: staged, reviewed, applied, proved by packets', async ({
    stack,
    map,
    review,
    signedIn,
    person,
  }) => {
    const before = await memberships(stack);
    const pods = await podIdentities(stack, {
      cluster: 'onprem-fra',
      namespace: 'analytics',
      selector: 'app=reporting',
    });

    await person.connect(REPORTING, 'domain:green');
    await review.expectStaged('1 staged change');
    await map.expectMember(SAMPLE.reporting, 'green', 'staged-add');
    expect(await memberships(stack)).toEqual(before);

    await review.open();
    await expect(review.sentence()).toContainText('reporting will reach');
    await expect(review.sentence()).toContainText('no pod restarts');
    await expect(review.steps()).toHaveCount(1);
    expect(await memberships(stack)).toEqual(before);

    await review.apply();
    await review.expectRows({ 'onprem-fra': 'proved' });
    await review.expectState('proved');
    await review.close();
    await map.expectMember(SAMPLE.reporting, 'green', 'proved');
    // Only the sample lab tells what to do next.
    await expect(signedIn.getByTestId('proved-banner')).toHaveCount(WORLD.name === 'lab' ? 1 : 0);
    expect(await map.covered()).toEqual([]);
    expect(await memberships(stack)).toEqual(
      [...before, 'onprem-fra/analytics/green.deployment.reporting'].toSorted(),
    );
    expect(
      await podIdentities(stack, {
        cluster: 'onprem-fra',
        namespace: 'analytics',
        selector: 'app=reporting',
      }),
    ).toEqual(pods);

    const crossed = JSON.parse((await stack.flatland('why', 'frontend', 'ledger-db', '--json')).stdout) as {
      verdict: { answer: string; reason: string };
    };
    expect([crossed.verdict.answer, crossed.verdict.reason]).toEqual(['no', 'no-shared-domain']);
    expect((await stack.flatland('leave', 'reporting', 'green')).exitCode).toBe(0);
  });
});

test('keyboard, palette and command line stage the same manifest as the drag', async ({
  stack,
  map,
  review,
  signedIn,
}) => {
  const byCommand = JSON.parse(
    (await stack.flatland('join', 'reporting', 'green', '--plan-only', '--json')).stdout,
  ) as { plan: { steps: { after: string }[] } };
  const stagedYaml = async () => {
    await review.open();
    const id = new URL(signedIn.url()).searchParams.get('review');
    const yaml = await signedIn.evaluate(async (changeSet) => {
      const input = encodeURIComponent(JSON.stringify({ id: changeSet }));
      const response = await fetch(`/trpc/changeSet.get?input=${input}`, {
        headers: { 'content-type': 'application/json' },
      });
      const body = (await response.json()) as {
        result: { data: { planned: { plan: { steps: { after: string }[] } } } };
      };
      return body.result.data.planned.plan.steps.map((step) => step.after);
    }, id);
    await signedIn.getByTestId('review-discard').click();
    return yaml;
  };

  await map.drag(REPORTING, 'domain:green');
  const byDrag = await stagedYaml();

  await new KeyboardPerson(signedIn, map).connect(REPORTING, 'domain:green');
  await review.expectStaged('1 staged change');
  const byKeyboard = await stagedYaml();

  await signedIn.keyboard.press('Control+k');
  for (const words of ['connect', 'reporting', 'green']) {
    await signedIn.keyboard.type(words);
    await signedIn.keyboard.press('Enter');
  }
  await review.expectStaged('1 staged change');
  const byPalette = await stagedYaml();

  expect(byDrag).toHaveLength(1);
  expect(byKeyboard).toEqual(byDrag);
  expect(byPalette).toEqual(byDrag);
  expect(byCommand.plan.steps.map((step) => step.after)).toEqual(byDrag);
});

test('while dragging, legal targets lift and the others say beside the pointer why they are refused', async ({
  map,
  signedIn,
}) => {
  await map.dragOver(REPORTING, 'domain:sandbox');
  const { targets } = await map.seam();
  expect(targets['domain:green']).toBe('legal');
  expect(targets['domain:red']).toBe('already-member');
  expect(targets['domain:sandbox']).toBe('prefix-clash');
  await expect(signedIn.getByTestId('gesture-note')).toContainText('sandbox and red both use 10.81.0.0/16');
  await signedIn.mouse.up();
  await expect(signedIn.getByTestId('staged-bar')).toHaveCount(0);
});

test.describe('by keyboard', () => {
  test.use({ hands: 'keyboard' });
  test('the list of targets says why one is refused, and does not take it', async ({ person, signedIn }) => {
    await person.select(REPORTING);
    await signedIn.keyboard.press('c');
    await signedIn.keyboard.type('sandbox');
    const refused = signedIn.locator('[data-value-id="domain:sandbox"]');
    await expect(refused).toContainText('sandbox and red both use 10.81.0.0/16');
    await expect(refused).toHaveAttribute('aria-disabled', 'true');
    await signedIn.keyboard.press('Escape');
    await expect(signedIn.getByTestId('target-picker')).toHaveCount(0);
    await expect(signedIn.getByTestId('map')).toBeFocused();
    await expect(signedIn.getByTestId('staged-bar')).toHaveCount(0);
  });
});
