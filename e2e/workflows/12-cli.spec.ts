import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memberships } from '../src/cluster-state.ts';
import { expect, test } from '../src/test.ts';

const STRAY = `apiVersion: flatland.dev/v1alpha1
kind: Membership
metadata:
  name: print-server
  namespace: legacy
spec:
  domain: sandbox
  workload:
    kind: Deployment
    name: print-server
`;

let directory: string;
test.beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fl-cli-'));
});
test.afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

test('status tells clusters, domains and workloads, for people and as JSON', async ({ stack }) => {
  const text = await stack.flatland('status');
  expect(text.exitCode, text.stderr).toBe(0);
  expect(text.stdout).toMatch(/^datapath: (kernel|in-memory)\n/);
  expect(text.stdout).toMatch(/^aws-east +reachable +2 +2 /m);
  expect(text.stdout).toMatch(/^gke-west\/finance\/billing +Deployment +1\/1 +green,red$/m);
  const parsed = JSON.parse((await stack.flatland('status', '--json')).stdout) as {
    overview: { clusters: { name: string }[] };
  };
  expect(parsed.overview.clusters.map((cluster) => cluster.name)).toEqual([
    'aws-east',
    'gke-west',
    'onprem-fra',
  ]);
});

test('a reader that is gone ends the command without a word', async ({ stack }) => {
  const status = stack.start('status', '--json');
  let complaint = '';
  status.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  status.stdout.destroy();
  const exitCode = await new Promise((resolve) => status.once('close', resolve));
  expect([exitCode, complaint]).toEqual([141, '']);
});

test('an exported world, planned again, changes nothing; exporting it twice gives the same bytes', async ({
  stack,
}) => {
  const [first, second] = [join(directory, 'first'), join(directory, 'second')];
  expect((await stack.flatland('export', first)).exitCode).toBe(0);
  expect((await stack.flatland('export', second)).exitCode).toBe(0);
  const names = (await readdir(first, { recursive: true })).toSorted();
  expect(names).toContain(join('gke-west', 'membership-finance-red.deployment.billing.yaml'));
  expect((await readdir(second, { recursive: true })).toSorted()).toEqual(names);
  for (const name of names.filter((each) => each.endsWith('.yaml')))
    expect(await readFile(join(second, name), 'utf8')).toBe(await readFile(join(first, name), 'utf8'));

  const again = await stack.flatland('plan', '-f', first, '--json');
  expect(again.exitCode, again.stderr).toBe(0);
  expect((JSON.parse(again.stdout) as { plan: { steps: unknown[] } }).plan.steps).toEqual([]);

  const filled = await stack.flatland('export', first);
  expect([filled.exitCode, filled.stderr]).toEqual([2, expect.stringContaining('is not empty')]);
});

test('a file is planned without a write, applied and proved, and taken back', async ({ stack }) => {
  const before = await memberships(stack);
  const file = join(directory, 'membership.yaml');
  await writeFile(file, STRAY);

  const planned = await stack.flatland('plan', '-f', file, '--cluster', 'onprem-fra');
  expect(planned.exitCode, planned.stderr).toBe(0);
  expect(planned.stdout).toContain('print-server');
  expect(await memberships(stack)).toEqual(before);

  const applied = await stack.flatland('apply', '-f', file, '--cluster', 'onprem-fra', '--acknowledge');
  expect(applied.exitCode, applied.stderr).toBe(0);
  expect(await memberships(stack)).toEqual([...before, 'onprem-fra/legacy/print-server'].toSorted());
  const why = await stack.flatland('why', 'print-server', 'sandbox-api', '--json');
  expect((JSON.parse(why.stdout) as { verdict: { answer: string } }).verdict.answer).toBe('yes');

  const left = await stack.flatland('leave', 'print-server', 'sandbox', '--acknowledge');
  expect(left.exitCode, left.stderr).toBe(0);
  expect(await memberships(stack)).toEqual(before);
});

test('probe sends a packet for every pair of a domain, and ends with 0 where each agrees', async ({
  stack,
}) => {
  const probed = await stack.flatland('probe', '--domain', 'green', '--json');
  expect(probed.exitCode, probed.stderr).toBe(0);
  const pairs = JSON.parse(probed.stdout) as { agrees: boolean; result: { echoed: boolean } }[];
  expect(pairs).toHaveLength(4 * 3);
  expect(pairs.every((pair) => pair.agrees && pair.result.echoed)).toBe(true);
});

test('bad input ends with a clear text, the next action and exit code 2, and nothing is written', async ({
  stack,
}) => {
  const before = await memberships(stack);
  const bomb = join(directory, 'bomb.yaml');
  await writeFile(
    bomb,
    `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[index]}`).join(',')}]`)
      .join('\n')}\n`,
  );
  const nonsense = join(directory, 'nonsense.yaml');
  await writeFile(nonsense, STRAY.replace('domain: sandbox', 'domain: "Not A Label"'));
  const file = join(directory, 'membership.yaml');
  await writeFile(file, STRAY);

  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['frobnicate'], 2, /unknown command/],
    [['join', 'reporting'], 2, /missing required argument/],
    [['join', 'nobody', 'green'], 2, /no workload is called nobody\n.*flatland status/],
    [['why', 'shop', 'frontend'], 2, /no workload is called shop/],
    [['plan', '-f', join(directory, 'absent.yaml')], 2, /cannot be read: ENOENT/],
    [['plan', '-f', bomb], 2, /alias/i],
    [['plan', '-f', file], 2, /which cluster shall Membership print-server go to\?\n.*--cluster/],
    [['apply', '-f', nonsense, '--cluster', 'onprem-fra'], 1, /./],
    [['apply', '-f', file, '--cluster', 'mars'], 1, /mars/],
    [['join', 'reporting', 'sandbox'], 1, /sandbox and red both use 10\.81\.0\.0\/16/],
    [['exec', 'mars/x/y', '--', 'true'], 1, /no cluster is called mars\n.*aws-east/],
    [['exec', 'aws-east/shop/nothing', '--', 'true'], 1, /nothing/],
    [['lab', 'reset'], 1, /the stack runs/],
  ];
  for (const [args, exitCode, text] of cases) {
    const ran = await stack.flatland(...args);
    expect.soft([args.join(' '), ran.exitCode], ran.stderr).toEqual([args.join(' '), exitCode]);
    expect.soft(ran.stderr, args.join(' ')).toMatch(text);
    expect.soft(ran.stderr, args.join(' ')).not.toMatch(/\n\s+at .*:\d+:\d+/);
  }
  expect(await memberships(stack)).toEqual(before);
});

test('without a console every command says how to start it', async ({ stack }) => {
  for (const args of [['status'], ['probe'], ['join', 'a', 'b'], ['why', 'a', 'b'], ['open']]) {
    const ran = await stack.elsewhere(directory, ...args);
    expect([ran.exitCode, ran.stderr]).toEqual([1, expect.stringMatching(/npm start/)]);
  }
});
