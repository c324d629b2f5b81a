import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { applyObject, listObjects } from '@flatland/kube/client/objects';
import { orThrow } from '@flatland/kube/client/error';
import { ConfigMap, DaemonSet, Domain, Membership } from '@flatland/kube/client/resources';
import type { Intent } from '@flatland/shared/intent/intent';
import type { PreflightLine } from '@flatland/shared/preflight/line';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ADA, eventually, startConsole, type ConsoleHarness } from '../../test/console-harness.ts';
import { tokenWithRights } from '../../test/service-account.ts';
import { idOf, SimulatedNetwork } from '../../test/simulated-network.ts';
import type { PreflightReport } from '../api/cluster.ts';
import { ConsoleFailure } from '../api/console-error.ts';
import { CREDENTIAL_KEY_FILE } from '../credentials/credential-key.ts';

const FRONTEND = { cluster: 'aws-east', namespace: 'shop', name: 'frontend', domains: ['red'] };
const CATALOG = { cluster: 'gke-west', namespace: 'shop', name: 'catalog', domains: ['red', 'green'] };
const LEAVE: Intent = { kind: 'leave', workload: idOf(CATALOG), domain: 'green' as never };
const READ = { apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] };

let network: SimulatedNetwork;
let data: string;
let harness: ConsoleHarness;

beforeAll(async () => {
  network = await SimulatedNetwork.start([FRONTEND, CATALOG]);
  data = join(network.directory, 'data');
});
afterAll(() => network[Symbol.asyncDispose]());
beforeEach(async () => {
  harness = await startConsole(network, { clusters: ['aws-east'] });
  await eventually(() => overviewOf('aws-east')?.reachable);
});
afterEach(async () => {
  await harness[Symbol.asyncDispose]();
  rmSync(data, { recursive: true });
  await network.reset();
});

const west = (token?: string) => network.kubeconfig({ clusters: ['gke-west'], ...(token && { token }) });
const clusters = () => harness.console.clusters;
const overviewOf = (name: string) =>
  harness.console.overview().clusters.find((cluster) => cluster.name === name);
const connect = (options: { kubeconfig?: string; readOnly?: boolean; name?: string } = {}) =>
  clusters().connect(ADA, { kubeconfig: west(), readOnly: false, ...options });
const isRead = () => eventually(() => harness.console.topology().workloads[idOf(CATALOG)]);
const of = ({ lines }: PreflightReport, check: PreflightLine['check']) =>
  lines.filter((line) => line.check === check);
const audited = () =>
  harness.console
    .audit({ limit: 50 })
    .items.map(({ action, result, detail }) => `${action} ${result}: ${detail}`);

async function restart(): Promise<void> {
  await harness[Symbol.asyncDispose]();
  harness = await startConsole(network, { clusters: ['aws-east'] });
}

async function refusalOf(call: Promise<unknown>): Promise<ConsoleFailure> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConsoleFailure);
  return error as ConsoleFailure;
}

describe('a pasted kubeconfig', () => {
  test('is told context by context with what is refused and why, and nothing of it is kept', () => {
    const kubeconfig = JSON.parse(network.kubeconfig()) as { users: { user: object }[] };
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: 'touch',
      args: ['canary-of-exec'],
    };
    kubeconfig.users[0]!.user = { exec };
    const reading = clusters().readKubeconfig(ADA, JSON.stringify(kubeconfig));
    expect(reading.contexts).toMatchObject([
      {
        context: 'aws-east',
        suggestedName: 'aws-east-2',
        faults: [{ reason: 'exec', where: 'users[0].user.exec', text: expect.stringMatching(/ever run$/) }],
      },
      { context: 'gke-west', suggestedName: 'gke-west', credential: 'token', faults: [] },
    ]);
    expect(JSON.stringify(reading)).not.toContain('canary-of-exec');
    expect(harness.journal.connectedClusters.all()).toEqual([]);
    expect(existsSync(join(data, CREDENTIAL_KEY_FILE))).toBe(false);
    expect(audited()[0]).toBe('read-kubeconfig done: 2 contexts, 1 of them refused');
  });

  test('that is none is refused as a whole', () => {
    expect(clusters().readKubeconfig(ADA, 'hello').faults).toMatchObject([{ reason: 'not-a-kubeconfig' }]);
  });

  test.each([
    ['has no such context', { context: 'nowhere' }, /no context nowhere/],
    ['leaves the choice open', { kubeconfig: 'both' }, /choose aws-east, gke-west$/],
    ['is no kubeconfig', { kubeconfig: '{}' }, /not a v1 Config/],
  ])('that %s connects nothing', async (_name, options, why) => {
    const kubeconfig =
      'kubeconfig' in options && options.kubeconfig !== 'both' ? options.kubeconfig : network.kubeconfig();
    const refusal = await refusalOf(
      clusters().connect(ADA, { readOnly: false, ...options, kubeconfig } as never),
    );
    expect([refusal.code, refusal.message]).toEqual(['kubeconfig-refused', expect.stringMatching(why)]);
    expect(audited()[0]).toMatch(/^connect-cluster refused: kubeconfig-refused/);
  });
});

test.each(['https://169.254.169.254', 'https://[fd00:ec2::254]', 'http://127.0.0.1:1', 'https://0x7f.1'])(
  'no connection is dialled to %s',
  async (server) => {
    const config = JSON.parse(west()) as { clusters: { cluster: Record<string, string> }[] };
    config.clusters[0]!.cluster['server'] = server;
    const kubeconfig = JSON.stringify(config);
    expect((await refusalOf(connect({ kubeconfig }))).code).toBe('kubeconfig-refused');
    const look = clusters().preflight(ADA, { kubeconfig, readOnly: true });
    expect((await refusalOf(look)).message).toMatch(/clusters\[0\]\.cluster\.server/);
  },
);

describe('a preflight', () => {
  test('asks the cluster itself and keeps nothing', async () => {
    const corefile = {
      metadata: { name: 'coredns', namespace: 'kube-system' },
      data: { Corefile: '.:53 {\n}\n' },
    };
    const labels = { 'k8s-app': 'coredns' };
    const containers = [{ name: 'coredns', image: 'example' }];
    const onNodes = {
      metadata: { name: 'coredns', namespace: 'kube-system' },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { hostNetwork: true, containers } },
      },
    };
    const there = network.client('gke-west');
    orThrow(await applyObject(there, ConfigMap, { object: corefile, fieldManager: 'test' }));
    orThrow(await applyObject(there, DaemonSet, { object: onNodes, fieldManager: 'test' }));
    const report = await clusters().preflight(ADA, { kubeconfig: west(), readOnly: false });
    expect(report).toMatchObject({ context: 'gke-west', name: 'gke-west', canConnect: true });
    expect(of(report, 'read-rights')).toMatchObject([{ state: 'ok' }]);
    expect(of(report, 'write-rights')).toMatchObject([{ state: 'ok' }]);
    expect(of(report, 'flatland')).toMatchObject([{ state: 'ok', text: 'Installed' }]);
    expect(of(report, 'dns')).toMatchObject([{ state: 'ok' }]);
    expect(of(report, 'nodes')[0]!.text).toContain('gke-west-n1');
    expect(of(report, 'udp')).toMatchObject([{ state: 'unknown' }]);
    expect(harness.journal.connectedClusters.all()).toEqual([]);
    expect(overviewOf('gke-west')).toBeUndefined();
  });

  test('of a token that the API does not know is one line, and nothing is connected', async () => {
    const token = 'canary-unknown-token';
    const report = await clusters().preflight(ADA, { kubeconfig: west(token), readOnly: true });
    expect(report.lines).toMatchObject([
      { check: 'api-server', state: 'failed', text: expect.stringContaining('does not know these') },
    ]);
    const refusal = await refusalOf(connect({ kubeconfig: west(token), readOnly: true }));
    expect(refusal.code).toBe('preflight-failed');
    expect(JSON.stringify([report, refusal.message, audited()])).not.toContain(token);
  });

  test('of a server that is away, or that another CA vouches for, is one line', async () => {
    const away = west().replace(/127\.0\.0\.1:\d+/, '127.0.0.1:1');
    const config = JSON.parse(west()) as { clusters: { cluster: Record<string, string> }[] };
    const other = JSON.parse(network.kubeconfig({ clusters: ['aws-east'] })) as typeof config;
    const field = 'certificate-authority-data';
    config.clusters[0]!.cluster[field] = other.clusters[0]!.cluster[field]!;
    for (const [kubeconfig, why] of [
      [away, /ECONNREFUSED/],
      [JSON.stringify(config), /certificate|self.signed|signature/i],
    ] as const) {
      const { lines } = await clusters().preflight(ADA, { kubeconfig, readOnly: false });
      expect(lines).toMatchObject([
        { check: 'api-server', state: 'failed', text: expect.stringMatching(why) },
      ]);
    }
  });

  test('names the verbs that the credentials lack; read-only needs only to read', async () => {
    const token = await tokenWithRights(network.client('gke-west'), 'reader', [READ]);
    const report = await clusters().preflight(ADA, { kubeconfig: west(token), readOnly: false });
    expect(report.canConnect).toBe(false);
    expect(of(report, 'write-rights').map(({ text }) => text)).toContain(
      'The credentials may not create, delete, patch domains of flatland.dev',
    );
    expect((await refusalOf(connect({ kubeconfig: west(token) }))).message).toMatch(
      /may not create.*domains/,
    );
    const readOnly = await clusters().preflight(ADA, { kubeconfig: west(token), readOnly: true });
    expect(readOnly.canConnect).toBe(true);
  });
});

describe('a connected cluster', () => {
  test('is on the map, takes changes, and is still there after a restart', async () => {
    await connect();
    await isRead();
    expect(overviewOf('gke-west')).toMatchObject({ origin: 'connected', readOnly: false });
    expect(harness.console.overview().lab).toEqual({ clusters: ['aws-east'] });
    await restart();
    await isRead();
    await eventually(() => harness.backend.readiness().ready);
    await apply([LEAVE]);
    await eventually(async () => (await memberships()) === 1);
    expect(audited().some((entry) => entry.startsWith('connect-cluster done: gke-west at https://'))).toBe(
      true,
    );
  });

  test('is known again under any name, and a name is given once', async () => {
    const known = await refusalOf(
      connect({ kubeconfig: network.kubeconfig({ clusters: ['aws-east'] }), name: 'other' }),
    );
    expect([known.code, known.message]).toEqual([
      'already-connected',
      expect.stringContaining('as aws-east'),
    ]);
    expect((await refusalOf(connect({ name: 'aws-east' }))).code).toBe('name-taken');
    expect((await refusalOf(connect({ name: 'Not a label' }))).code).toBe('invalid-name');
    await connect({ name: 'west' });
    expect((await refusalOf(connect())).message).toContain('as west');
    expect((await Promise.allSettled([connect(), connect()])).map(({ status }) => status)).toEqual([
      'rejected',
      'rejected',
    ]);
  });

  test('two calls at once connect it once', async () => {
    const both = await Promise.allSettled([connect({ name: 'one' }), connect({ name: 'two' })]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(harness.journal.connectedClusters.all()).toHaveLength(1);
  });

  test('that is read-only is planned over, and never written, not even as a dry-run', async () => {
    await connect({ readOnly: true });
    await isRead();
    expect(overviewOf('gke-west')?.readOnly).toBe(true);
    const [before, planned] = [await memberships(), await harness.console.changeSets.plan([LEAVE])];
    const refusal = { code: 'read-only-cluster', detail: 'gke-west is connected read-only' };
    expect(planned.plan.steps).toHaveLength(1);
    expect(planned.dryRun).toMatchObject([{ outcome: 'refused', refusal }]);
    const id = await apply([LEAVE]);
    await eventually(() => harness.console.changeSets.get(id).summary.state === 'partial');
    expect(harness.console.changeSets.get(id).steps).toMatchObject([{ state: 'failed', refusal }]);
    expect(await memberships()).toBe(before);
    await restart();
    await isRead();
    expect(overviewOf('gke-west')?.readOnly).toBe(true);
  });

  test('takes other credentials of the same cluster, and none of another', async () => {
    const client = network.client('gke-west');
    const token = await tokenWithRights(client, 'other-writer', [{ ...READ, verbs: ['*'] }]);
    await connect();
    await isRead();
    const east = network.kubeconfig({ clusters: ['aws-east'] });
    const replace = (kubeconfig: string) =>
      clusters().replaceCredentials(ADA, { cluster: 'gke-west', kubeconfig });
    expect((await refusalOf(replace(east))).code).toBe('another-cluster');
    const [before] = harness.journal.connectedClusters.all();
    await replace(west(token));
    const [after] = harness.journal.connectedClusters.all();
    expect(after).toMatchObject({ name: 'gke-west', clusterUid: before!.clusterUid });
    expect(after!.sealed).not.toEqual(before!.sealed);
    expect(filesText()).not.toContain(Buffer.from(before!.sealed).toString('latin1'));
    await eventually(() => overviewOf('gke-west')?.reachable);
    const other = await refusalOf(
      clusters().replaceCredentials(ADA, { cluster: 'aws-east', kubeconfig: east }),
    );
    expect(other.code).toBe('kubeconfig-cluster');
  });

  test('that is disconnected is off the map, loses its credentials and nothing else', async () => {
    await connect();
    await isRead();
    const [{ sealed } = { sealed: new Uint8Array() }] = harness.journal.connectedClusters.all();
    const before = [
      await memberships(),
      orThrow(await listObjects(network.client('gke-west'), Domain)).items,
    ];
    const report = await clusters().disconnect(ADA, 'gke-west');
    expect(report.stays).toEqual([
      { kind: 'ClusterLink', count: expect.any(Number) },
      { kind: 'Domain', count: 2 },
      { kind: 'MemberSlice', count: expect.any(Number) },
      { kind: 'Membership', count: 2 },
      { kind: 'NodePeer', count: expect.any(Number) },
      { kind: 'RemoteSlice', count: expect.any(Number) },
    ]);
    expect(report.notes.join(' ')).toMatch(/Nothing was deleted.*revoke them there/);
    await eventually(() => harness.console.topology().clusters['gke-west'] === undefined);
    expect(overviewOf('gke-west')).toBeUndefined();
    expect(filesText()).not.toContain(Buffer.from(sealed).toString('latin1'));
    const after = [await memberships(), orThrow(await listObjects(network.client('gke-west'), Domain)).items];
    expect(after).toEqual(before);
    await restart();
    await eventually(() => overviewOf('aws-east')?.reachable);
    expect(overviewOf('gke-west')).toBeUndefined();
    await connect();
    await isRead();
    expect((await refusalOf(clusters().disconnect(ADA, 'aws-east'))).code).toBe('kubeconfig-cluster');
    expect((await refusalOf(clusters().disconnect(ADA, 'nowhere'))).code).toBe('not-found');
  });

  test('whose key is lost is told so, harms no other, and takes new credentials', async () => {
    await connect();
    expect(statSync(join(data, CREDENTIAL_KEY_FILE)).mode & 0o777).toBe(0o600);
    await harness[Symbol.asyncDispose]();
    rmSync(join(data, CREDENTIAL_KEY_FILE));
    harness = await startConsole(network, { clusters: ['aws-east'] });
    await eventually(() => overviewOf('aws-east')?.reachable);
    expect(overviewOf('gke-west')).toMatchObject({
      reachable: false,
      origin: 'connected',
      message: expect.stringMatching(/cannot be opened.*credential-key.*Replace its credentials/),
    });
    await clusters().replaceCredentials(ADA, { cluster: 'gke-west', kubeconfig: west() });
    await isRead();
    expect(harness.console.overview().clusters.filter(({ name }) => name === 'gke-west')).toHaveLength(1);
  });
});

/** Everything that the console wrote. */
function filesText(): string {
  return readdirSync(data)
    .map((name) => readFileSync(join(data, name), 'latin1'))
    .join('\n');
}

async function memberships(): Promise<number> {
  return orThrow(await listObjects(network.client('gke-west'), Membership)).items.length;
}

async function apply(intents: readonly Intent[]): Promise<string> {
  const { changeSets } = harness.console;
  const draft = await changeSets.create(ADA, { title: 'Leave', intents, idempotencyKey: randomUUID() });
  const { planHash, plan } = draft.planned;
  const acknowledged = plan.warnings.map(({ code }) => code);
  const { id } = draft.summary;
  await changeSets.apply(ADA, { id, expectedPlanHash: planHash, acknowledged, choices: [] });
  return id;
}
