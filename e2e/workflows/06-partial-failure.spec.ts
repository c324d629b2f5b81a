import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubectlGet } from '../src/cluster-state.ts';
import { PATIENCE_MS } from '../src/worlds/patience.ts';
import { byMouseAndKeyboard, expect, test, WORLD } from '../src/test.ts';

const PRESENT = WORLD.clusters.filter((cluster) => cluster !== 'onprem-fra');

/** The same state for each cluster. */
function rows<T>(clusters: readonly string[], state: T): Record<string, T> {
  return Object.fromEntries(clusters.map((cluster) => [cluster, state]));
}

byMouseAndKeyboard(() => {
  test('one cluster is away: the others applied, one waiting; reload and kill -9 lose nothing; it goes on when the cluster is back', async ({
    stack,
    map,
    review,
    signedIn,
    person,
  }) => {
    await WORLD.takeAway(stack, 'onprem-fra');
    await expect
      .poll(async () => (await stack.flatland('status')).stdout, { timeout: PATIENCE_MS })
      .toContain('unreachable');
    await person.go('Domains');
    await person.press(signedIn.getByTestId('new-domain-open'));
    const dialog = signedIn.getByTestId('new-domain');
    await person.fill(dialog.getByTestId('new-domain-name'), 'amber');
    await person.press(dialog.getByTestId('new-domain-stage'));
    await person.go('Map');
    await map.ready();
    await review.open();
    await person.check(signedIn.getByTestId('acknowledge-cluster-unreachable'));
    await review.apply();
    const done = /applied|programmed|proved/;
    await review.expectRows({ ...rows(PRESENT, done), 'onprem-fra': 'waiting' });
    await review.expectState('partial');
    await signedIn.reload();
    await review.expectRows({ 'onprem-fra': 'waiting' });

    const { pid } = JSON.parse(readFileSync(join(stack.dataDir, 'console.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    await expect
      .poll(
        () => (JSON.parse(readFileSync(join(stack.dataDir, 'console.json'), 'utf8')) as { pid: number }).pid,
        { timeout: PATIENCE_MS },
      )
      .not.toBe(pid);
    await review.expectRows({ 'onprem-fra': 'waiting' });

    await WORLD.bringBack(stack, 'onprem-fra');
    await review.expectRows(rows(WORLD.clusters, 'proved'));
    const [copy] = await kubectlGet(stack, 'onprem-fra', 'domain', 'amber');
    expect(copy?.metadata.name).toBe('amber');
    await review.close();

    await person.select('domain:amber');
    await person.press(signedIn.getByTestId('delete-domain'));
    await review.open();
    await review.acknowledge();
    await review.apply();
    await review.expectState('proved');
  });
});
