import { writeFileSync } from 'node:fs';
import { membersOf } from '../src/cluster-state.ts';
import type { Stack } from '../src/stack.ts';
import { expect, SAMPLE, test } from '../src/test.ts';

const MEMBERSHIP = {
  apiVersion: 'flatland.dev/v1alpha1',
  kind: 'Membership',
  metadata: { name: 'by-hand', namespace: 'legacy' },
  spec: { domain: 'red', workload: { kind: 'Deployment', name: 'print-server' } },
};

test('stock kubectl sees and does the same: get, explain, diff, apply, and the pod is a member', async ({
  stack,
}) => {
  const inFra = (...args: string[]) => stack.kubectl('--context', 'onprem-fra', ...args);
  const listed = await stack.kubectl('--context', 'aws-east', 'get', 'domains,memberships,pods', '-A');
  expect(listed.stdout).toContain('domain.flatland.dev/red');
  expect(listed.stdout).toMatch(/shop\s+pod\/frontend-/);
  expect((await inFra('explain', 'domain.spec')).stdout).toContain('Prefixes of the domain');

  const file = test.info().outputPath('membership.json');
  writeFileSync(file, JSON.stringify(MEMBERSHIP));
  const diff = await inFra('diff', '--server-side', '-f', file);
  expect([diff.exitCode, diff.stdout]).toEqual([1, expect.stringContaining('+  name: by-hand')]);
  expect((await inFra('apply', '--server-side', '-f', file)).stdout).toContain('serverside-applied');
  expect((await inFra('diff', '--server-side', '-f', file)).exitCode).toBe(0);

  await expect.poll(() => addressInRed(stack), { timeout: 30_000 }).toBeDefined();
  await expect
    .poll(
      async () =>
        (
          await stack.flatland(
            'exec',
            'onprem-fra/legacy/print-server',
            '--',
            'ping',
            '-c',
            '1',
            '-W',
            '1',
            await frontendAddress(stack),
          )
        ).exitCode,
      { timeout: 30_000 },
    )
    .toBe(0);
  expect((await inFra('delete', 'membership', 'by-hand', '-n', 'legacy')).exitCode).toBe(0);
  await expect.poll(() => addressInRed(stack), { timeout: 30_000 }).toBeUndefined();
});

test('a member reaches another cluster by address and by name, with its own address as source; a stranger reaches nothing', async ({
  stack,
}) => {
  const target = await frontendAddress(stack);
  const ping = await stack.flatland(
    'exec',
    'gke-west/shop/catalog',
    '--',
    'ping',
    '-c',
    '2',
    '-W',
    '2',
    target,
  );
  expect(ping.stdout).toContain(`from ${target}`);
  const byName = await stack.flatland(
    'exec',
    'gke-west/shop/catalog',
    '--',
    'ping',
    '-c',
    '2',
    '-W',
    '2',
    'frontend.shop.red.flatland',
  );
  expect(byName.exitCode).toBe(0);
  const stranger = await stack.flatland(
    'exec',
    'onprem-fra/legacy/print-server',
    '--',
    'ping',
    '-c',
    '2',
    '-W',
    '1',
    target,
  );
  expect(stranger.exitCode).not.toBe(0);

  if (process.env['FLATLAND_DATAPATH'] === 'in-memory') return;
  const answer = await stack.flatland(
    'exec',
    'gke-west/shop/catalog',
    '--',
    'curl',
    '-s',
    '-m',
    '5',
    `http://${target}:8080/`,
  );
  const own = await addressesInRed(stack, SAMPLE.catalog);
  expect(own.some((address) => answer.stdout.includes(address))).toBe(true);
});

test('with the console away members keep talking and a new pod joins', async ({ stack }) => {
  const { readFileSync } = await import('node:fs');
  const { pid } = JSON.parse(readFileSync(`${stack.dataDir}/console.json`, 'utf8')) as { pid: number };
  const target = await frontendAddress(stack);
  process.kill(pid, 'SIGSTOP');
  try {
    expect(
      (
        await stack.kubectl(
          '--context',
          'gke-west',
          'scale',
          'deployment/catalog',
          '-n',
          'shop',
          '--replicas=3',
        )
      ).exitCode,
    ).toBe(0);
    await expect
      .poll(async () => (await membersOf(stack, 'gke-west', 'catalog')).length, { timeout: 45_000 })
      .toBe(3);
    for (const member of await membersOf(stack, 'gke-west', 'catalog')) {
      const ping = () =>
        stack.flatland('exec', `gke-west/shop/${member.pod}`, '--', 'ping', '-c', '1', '-W', '1', target);
      await expect.poll(async () => (await ping()).exitCode, { timeout: 30_000 }).toBe(0);
    }
  } finally {
    process.kill(pid, 'SIGCONT');
    await stack.kubectl('--context', 'gke-west', 'scale', 'deployment/catalog', '-n', 'shop', '--replicas=2');
  }
});

async function frontendAddress(stack: Stack): Promise<string> {
  const [first] = await membersOf(stack, 'aws-east', 'frontend');
  if (first === undefined) throw new Error('frontend is no member of red');
  return first.address;
}

async function addressInRed(stack: Stack): Promise<string | undefined> {
  return (await membersOf(stack, 'onprem-fra', 'print-server'))[0]?.address;
}

async function addressesInRed(stack: Stack, workload: string): Promise<string[]> {
  const [cluster = '', , , name = ''] = workload.split('/');
  return (await membersOf(stack, cluster, name)).map((member) => member.address);
}
