import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubectlGet } from '../src/cluster-state.ts';
import { expect, test } from '../src/test.ts';

test('one of three clusters is away: two applied, one waiting; reload and kill -9 lose nothing; it goes on when the cluster is back', async ({
  stack,
  map,
  review,
  signedIn,
}) => {
  expect((await stack.flatland('lab', 'stop-cluster', 'onprem-fra')).exitCode).toBe(0);
  await expect
    .poll(async () => (await stack.flatland('status')).stdout, { timeout: 30_000 })
    .toContain('unreachable');
  await signedIn.getByRole('link', { name: 'Domains' }).click();
  await signedIn.getByTestId('new-domain-open').click();
  const dialog = signedIn.getByTestId('new-domain');
  await dialog.getByTestId('new-domain-name').fill('amber');
  await dialog.getByTestId('new-domain-stage').click();
  await signedIn.getByRole('link', { name: 'Map' }).click();
  await map.ready();
  await review.open();
  await signedIn.getByTestId('acknowledge-cluster-unreachable').check();
  try {
    await review.apply();
    await review.expectRows({ 'aws-east': 'programmed', 'gke-west': 'programmed', 'onprem-fra': 'waiting' });
  } catch {
    await review.expectRows({ 'onprem-fra': 'waiting' });
  }
  await signedIn.reload();
  await review.expectRows({ 'onprem-fra': 'waiting' });

  const { pid } = JSON.parse(readFileSync(join(stack.dataDir, 'console.json'), 'utf8')) as { pid: number };
  process.kill(pid, 'SIGKILL');
  await expect
    .poll(
      () => (JSON.parse(readFileSync(join(stack.dataDir, 'console.json'), 'utf8')) as { pid: number }).pid,
      { timeout: 30_000 },
    )
    .not.toBe(pid);
  await review.expectRows({ 'onprem-fra': 'waiting' });

  expect((await stack.flatland('lab', 'start-cluster', 'onprem-fra')).exitCode).toBe(0);
  await review.expectRows({ 'aws-east': 'proved', 'gke-west': 'proved', 'onprem-fra': 'proved' });
  const [copy] = await kubectlGet(stack, 'onprem-fra', 'domain', 'amber');
  expect(copy?.metadata.name).toBe('amber');
  await review.close();

  await map.click('domain:amber');
  await signedIn.getByTestId('delete-domain').click();
  await review.open();
  await review.acknowledge();
  await review.apply();
  await review.expectState('proved');
});
