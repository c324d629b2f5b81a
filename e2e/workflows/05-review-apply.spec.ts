import { kubectlGet } from '../src/cluster-state.ts';
import { byMouseAndKeyboard, expect, SAMPLE, test } from '../src/test.ts';

byMouseAndKeyboard(() => {
  test('an object that changed meanwhile stops the apply, is marked, and planning again helps', async ({
    stack,
    review,
    signedIn,
    person,
  }) => {
    await person.connect(`workload:${SAMPLE.reporting}`, 'domain:green');
    await review.open();
    const membership = {
      apiVersion: 'flatland.dev/v1alpha1',
      kind: 'Membership',
      metadata: { name: 'green.deployment.reporting', namespace: 'analytics', labels: { team: 'ours' } },
      spec: { domain: 'green', workload: { kind: 'Deployment', name: 'somebody-else' } },
    };
    await test.step('somebody else makes the object with kubectl', async () => {
      const file = test.info().outputPath('membership.json');
      const { writeFileSync } = await import('node:fs');
      writeFileSync(file, JSON.stringify(membership));
      const applied = await stack.kubectl('--context', 'onprem-fra', 'apply', '--server-side', '-f', file);
      expect(applied.stderr).toBe('');
    });
    await review.apply();
    // Known before the click, the draft is planned again by itself; else the step fails and is marked.
    const marked = signedIn
      .getByTestId('replan')
      .or(review.sheet.locator('[data-testid="plan-step"][data-action="update"]'));
    await expect(marked.first()).toBeVisible();
    const [untouched] = await kubectlGet(
      stack,
      'onprem-fra',
      'membership',
      'green.deployment.reporting',
      '-n',
      'analytics',
    );
    expect(untouched?.spec).toEqual(membership.spec);

    await stack.kubectl(
      '--context',
      'onprem-fra',
      'delete',
      'membership',
      'green.deployment.reporting',
      '-n',
      'analytics',
    );
    const offered = signedIn.getByTestId('replan');
    if (await offered.isVisible()) await person.press(offered);
    else
      await person.pickFromMenu(
        signedIn.getByRole('button', { name: 'More' }),
        signedIn.getByTestId('replan-menu'),
      );
    await expect(review.steps()).toHaveAttribute('data-action', 'create');
    await expect(review.sheet.getByTestId('apply')).toBeEnabled();
    await review.apply();
    await review.expectState('proved');
    await review.close();

    const again = JSON.parse(
      (await stack.flatland('join', 'reporting', 'green', '--plan-only', '--json')).stdout || '{}',
    ) as { plan?: { steps: unknown[] } };
    expect(again.plan?.steps ?? []).toEqual([]);
    const [object] = await kubectlGet(
      stack,
      'onprem-fra',
      'membership',
      'green.deployment.reporting',
      '-n',
      'analytics',
    );
    expect(object?.metadata.annotations?.['flatland.dev/change-set']).toBeTruthy();
    expect(object?.spec).toEqual({ domain: 'green', workload: { kind: 'Deployment', name: 'reporting' } });
    expect((await stack.flatland('leave', 'reporting', 'green')).exitCode).toBe(0);
  });
});
