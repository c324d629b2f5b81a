import { memberships, podIdentities } from '../src/cluster-state.ts';
import { expect, SAMPLE, test } from '../src/test.ts';

const REPORTING = `workload:${SAMPLE.reporting}`;

test('a workload joins a domain by drag: staged, reviewed, applied, proved by packets', async ({
  stack,
  map,
  review,
  signedIn,
}) => {
  const before = await memberships(stack);
  const pods = await podIdentities(stack, {
    cluster: 'onprem-fra',
    namespace: 'analytics',
    selector: 'app=reporting',
  });

  await map.dragOver(REPORTING, 'domain:green');
  expect((await map.seam()).targets['domain:green']).toBe('legal');
  expect((await map.seam()).targets['domain:red']).toBe('already-member');
  expect((await map.seam()).targets['domain:sandbox']).toBe('prefix-clash');
  await signedIn.mouse.up();

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
  await expect(signedIn.getByTestId('proved-banner')).toBeVisible();
  expect(await map.covered()).toEqual([]);
  expect(await memberships(stack)).toEqual(
    [...before, 'onprem-fra/analytics/green.deployment.reporting'].toSorted(),
  );
  expect(
    await podIdentities(stack, { cluster: 'onprem-fra', namespace: 'analytics', selector: 'app=reporting' }),
  ).toEqual(pods);

  const crossed = JSON.parse((await stack.flatland('why', 'frontend', 'ledger-db', '--json')).stdout) as {
    verdict: { answer: string; reason: string };
  };
  expect([crossed.verdict.answer, crossed.verdict.reason]).toEqual(['no', 'no-shared-domain']);
  expect((await stack.flatland('leave', 'reporting', 'green')).exitCode).toBe(0);
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

  await map.focusByKeyboard(REPORTING);
  await signedIn.keyboard.press('c');
  await signedIn.keyboard.type('green');
  await signedIn.keyboard.press('Enter');
  await review.expectStaged('1 staged change');
  const byKeyboard = await stagedYaml();

  expect(byDrag).toHaveLength(1);
  expect(byKeyboard).toEqual(byDrag);
  expect(byCommand.plan.steps.map((step) => step.after)).toEqual(byDrag);
});

test('a clash of prefixes is refused beside the pointer, and nothing is staged', async ({
  map,
  signedIn,
}) => {
  await map.dragOver(REPORTING, 'domain:sandbox');
  await expect(signedIn.getByText('sandbox and red both use 10.81.0.0/16').first()).toBeVisible();
  await signedIn.mouse.up();
  await expect(signedIn.getByTestId('staged-bar')).toHaveCount(0);
});
