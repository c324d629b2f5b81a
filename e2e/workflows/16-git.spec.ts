import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import { kubectlGet, memberships, podIdentities } from '../src/cluster-state.ts';
import { saveExported } from '../src/exported-files.ts';
import { podsOf } from '../src/pods-of.ts';
import type { Stack } from '../src/stack.ts';
import { byMouseAndKeyboard, expect, SAMPLE, test } from '../src/test.ts';

const REPORTING = podsOf(SAMPLE.reporting);
const CLUSTER = REPORTING.cluster;
const MEMBERSHIP = `${CLUSTER}/${REPORTING.namespace}/red.deployment.reporting`;

byMouseAndKeyboard(() => {
  test('what Flux keeps is exported instead of applied; the change set waits until the cluster has it, and is proved', async ({
    stack,
    map,
    review,
    signedIn,
    person,
  }) => {
    const pods = await podIdentities(stack, REPORTING);
    const before = await memberships(stack);
    await keepByFlux(stack);
    await person.select(`workload:${SAMPLE.reporting}`);
    await person.press(signedIn.getByTestId('side-panel').getByTestId('member-red'));
    await person.press(signedIn.getByTestId('side-panel').getByTestId('leave'));
    await review.expectStaged('1 staged change');
    await review.open();
    await expect(signedIn.getByTestId('git-notice')).toContainText(
      /1 object kept by Flux.*Membership red\.deployment\.reporting in onprem-fra/s,
    );
    await expect(signedIn.getByTestId('dry-run')).toHaveText('Dry-run passed in every cluster');
    await review.acknowledge();
    const button = review.sheet.getByTestId('apply');
    await expect(button).toHaveText('Export');
    const [download] = await Promise.all([signedIn.waitForEvent('download'), person.press(button)]);

    await review.expectState('partial');
    await review.expectRows({ [CLUSTER]: 'waiting' });
    await expect(review.sheet.getByTestId('apply-rows')).toContainText('is kept by Flux');
    expect(await memberships(stack), 'nothing is written').toEqual(before);

    const folder = test.info().outputPath('exported');
    expect(await saveExported(download, folder)).toEqual([`${CLUSTER}/deletions.yaml`]);
    const deletions = join(folder, CLUSTER, 'deletions.yaml');
    expect((await stack.kubectl('--context', CLUSTER, 'delete', '-f', deletions)).stderr).toBe('');
    await review.expectRows({ [CLUSTER]: 'proved' });
    await review.expectState('proved');
    await review.close();
    await map.expectMember(SAMPLE.reporting, 'red', undefined);
    expect(await memberships(stack)).toEqual(before.filter((name) => name !== MEMBERSHIP));

    expect((await stack.flatland('join', 'reporting', 'red')).exitCode).toBe(0);
    expect(await podIdentities(stack, REPORTING)).toEqual(pods);
  });
});

/** Applies the membership as Flux does, which marks what it keeps. */
async function keepByFlux(stack: Stack): Promise<void> {
  const { namespace } = REPORTING;
  const membership = {
    apiVersion: 'flatland.dev/v1alpha1',
    kind: 'Membership',
    metadata: {
      name: 'red.deployment.reporting',
      namespace,
      labels: {
        'app.kubernetes.io/managed-by': 'flatland',
        'kustomize.toolkit.fluxcd.io/name': 'network',
        'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
      },
    },
    spec: { domain: 'red', workload: { kind: 'Deployment', name: 'reporting' } },
  };
  const file = test.info().outputPath('membership.json');
  writeFileSync(file, JSON.stringify(membership));
  const asFlux = ['apply', '--server-side', '--force-conflicts', '--field-manager=kustomize-controller'];
  const applied = await stack.kubectl('--context', CLUSTER, ...asFlux, '-f', file);
  expect(applied.stderr).toBe('');
  const [object] = await kubectlGet(
    stack,
    CLUSTER,
    'membership',
    'red.deployment.reporting',
    '-n',
    namespace,
  );
  expect(object?.spec).toEqual(membership.spec);
}
