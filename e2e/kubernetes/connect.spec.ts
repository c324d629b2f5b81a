import { existsSync } from 'node:fs';
import { MousePerson } from '../src/hands/mouse.ts';
import { ConnectPage } from '../src/pages/connect-page.ts';
import { kubeconfigOf } from '../src/worlds/kubernetes.ts';
import { expect, SAMPLE, test as base } from '../src/test.ts';
import { kubectl } from '../clusters/sample.ts';
import { given } from '../clusters/given.ts';

const CLUSTER = 'onprem-fra';

const test = base.extend<{ readonly connect: ConnectPage; readonly someone: Someone }>({
  connect: async ({ signedIn, map }, use) => {
    await use(new ConnectPage(signedIn, new MousePerson(signedIn, map)));
  },
  // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
  someone: async ({}, use) => {
    const run = (...args: string[]) => kubectl(given, CLUSTER, args);
    await run('create', 'serviceaccount', ACCOUNT, '-n', 'default');
    try {
      await use({
        may: (role) =>
          run(
            'create',
            'clusterrolebinding',
            ACCOUNT,
            `--clusterrole=${role}`,
            `--serviceaccount=default:${ACCOUNT}`,
          ),
        async kubeconfig() {
          const token = (await run('create', 'token', ACCOUNT, '-n', 'default')).trim();
          return withUser(await configOf(CLUSTER), { token });
        },
      });
    } finally {
      await run('delete', 'clusterrolebinding', ACCOUNT, '--ignore-not-found');
      await run('delete', 'serviceaccount', ACCOUNT, '-n', 'default');
    }
  },
});

test('the preflight of a real cluster says line by line what is so', async ({ connect, stack }) => {
  const said = await connect.disconnect(CLUSTER);
  expect(said).toMatch(/what Flatland has there stays.*\d+ MemberSlice/s);
  await connect.paste(await kubeconfigOf(CLUSTER));
  await expect(connect.dialog.getByTestId('kubeconfig-context')).toContainText(
    /onprem-fra.*https:.*:6443.*by client certificate/,
  );
  await connect.look();
  await expect(connect.line('version')).toContainText(`v${given.release}`);
  for (const check of ['read-rights', 'write-rights', 'probe-rights', 'flatland', 'git'])
    await expect(connect.line(check), check).toHaveAttribute('data-state', 'ok');
  await expect(connect.line('nodes')).toContainText('2 nodes: onprem-fra-1, onprem-fra-2');
  await expect(connect.line('ranges')).toContainText('overlapping pod ranges');
  expect((await stack.flatland('status')).stdout).not.toMatch(/^onprem-fra/m);
  await connect.confirm();
  await connect.expectConnected(CLUSTER);
  expect((await stack.flatland('status')).stdout).toMatch(/^onprem-fra +reachable/m);
});

test('a kubeconfig with an exec plugin is refused, and the plugin is not run', async ({ connect }) => {
  const canary = test.info().outputPath('canary');
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'touch', args: [canary] };
  await connect.paste(withUser(await configOf(CLUSTER), { exec }));
  await expect(connect.dialog.getByTestId('kubeconfig-fault')).toContainText(
    /users\[0\]\.user\.exec.*no program from a kubeconfig is ever run/,
  );
  await expect(connect.next).toHaveAttribute('aria-disabled', 'true');
  expect(existsSync(canary)).toBe(false);
});

test('a cluster is not connected twice, nor by another cluster’s certificate', async ({ connect }) => {
  await connect.paste(await kubeconfigOf(CLUSTER));
  await connect.dialog.getByTestId('connect-name').fill('another-name');
  await connect.next.click();
  await expect(connect.dialog.getByTestId('connect-error')).toContainText(
    'This cluster is connected already, as onprem-fra',
  );
  const { users } = JSON.parse(await configOf('aws-east')) as { users: { user: object }[] };
  await connect.dialog.getByTestId('kubeconfig-text').fill(withUser(await configOf(CLUSTER), users[0]!.user));
  await connect.next.click();
  await connect.dialog.getByTestId('connect-name').fill('another-name');
  await connect.look();
  await expect(connect.dialog.getByTestId('preflight-count')).toContainText('cannot be connected');
  await expect(connect.dialog.getByTestId('preflight-line')).toContainText('does not know these credentials');
});

test('credentials that may not see nodes are refused; a cluster that is connected read-only is planned for and not written', async ({
  connect,
  map,
  review,
  person,
  signedIn,
  someone,
}) => {
  await someone.may('view');
  await connect.disconnect(CLUSTER);
  const reader = await someone.kubeconfig();
  await connect.paste(reader);
  await connect.look();
  await expect(connect.dialog.getByTestId('preflight-count')).toContainText('cannot be connected');
  await expect(connect.line('read-rights').filter({ hasText: 'nodes of the core API' })).toHaveAttribute(
    'data-state',
    'failed',
  );
  await expect(connect.next).toHaveAttribute('aria-disabled', 'true');
  await connect.dialog.getByRole('button', { name: 'Cancel' }).click();

  await connect.connect(await kubeconfigOf(CLUSTER), { readOnly: true });
  await connect.expectConnected(CLUSTER);
  await expect(connect.row(CLUSTER)).toContainText('read-only');
  await person.go('Map');
  await map.ready();
  await person.connect(`workload:${SAMPLE.reporting}`, 'domain:green');
  await review.open();
  await expect(review.steps()).toHaveCount(1);
  await expect(review.sheet.getByTestId('apply')).toHaveAttribute('aria-disabled', 'true');
  await person.press(signedIn.getByTestId('review-discard'));

  await connect.disconnect(CLUSTER);
  await connect.connect(await kubeconfigOf(CLUSTER));
  await connect.expectConnected(CLUSTER);
  await expect(connect.row(CLUSTER)).not.toContainText('read-only');
});

test('credentials are replaced by others of the same cluster, and by no other cluster’s', async ({
  connect,
  page,
  someone,
}) => {
  await someone.may('cluster-admin');
  const replaceBy = async (kubeconfig: string) => {
    await page.getByRole('button', { name: `Replace the credentials of ${CLUSTER}` }).click();
    await connect.dialog.getByTestId('kubeconfig-text').fill(kubeconfig);
    await connect.next.click();
    await expect(connect.next).toHaveText('Replace');
    await connect.next.click();
  };
  await page.getByRole('link', { name: 'Connect', exact: true }).click();
  await replaceBy(await kubeconfigOf('aws-east'));
  await expect(connect.dialog.getByTestId('connect-error')).toContainText(
    'are not of the cluster that is onprem-fra here',
  );
  await connect.dialog.getByRole('button', { name: 'Cancel' }).click();
  for (const kubeconfig of [await someone.kubeconfig(), await kubeconfigOf(CLUSTER)]) {
    await replaceBy(kubeconfig);
    await expect(connect.dialog).toHaveCount(0, { timeout: 45_000 });
    await connect.expectConnected(CLUSTER);
  }
});

/** Somebody whom the cluster knows by a token, with the rights that a test gives. */
interface Someone {
  readonly may: (clusterRole: string) => Promise<unknown>;
  readonly kubeconfig: () => Promise<string>;
}

const ACCOUNT = 'flatland-e2e';

/** A cluster's kubeconfig as JSON, which is a kubeconfig too. */
function configOf(cluster: string): Promise<string> {
  return kubectl(given, cluster, ['config', 'view', '--raw', '--minify', '--flatten', '-o', 'json']);
}

/** A kubeconfig with another user. */
function withUser(config: string, user: object): string {
  const parsed = JSON.parse(config) as { users: { user: object }[] };
  parsed.users[0]!.user = user;
  return JSON.stringify(parsed);
}
