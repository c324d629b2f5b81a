import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { getObject, listObjects } from '@flatland/kube/client/objects';
import { orThrow } from '@flatland/kube/client/error';
import { tokenTimes } from '@flatland/kube/client/link-token';
import { ClusterLink, ClusterRoleBinding, Secret } from '@flatland/kube/client/resources';
import { sensitive } from '@flatland/kube/client/sensitive';
import type { Intent } from '@flatland/shared/intent/intent';
import { LINK_TOKEN_SECONDS, LINKS_SECRET } from '@flatland/shared/model/cluster-link';
import { SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ADA, eventually, startConsole, type ConsoleHarness } from '../../test/console-harness.ts';
import { SimulatedNetwork } from '../../test/simulated-network.ts';
import type { ChangeSet } from '../api/change-set.ts';

const CLUSTERS = ['aws-east', 'gke-west'] as const;
const LINK = { kind: 'link', clusters: CLUSTERS } as unknown as Intent;

let network: SimulatedNetwork;
let harness: ConsoleHarness;
let logged: string;

beforeAll(async () => {
  network = await SimulatedNetwork.start([
    { cluster: 'aws-east', namespace: 'shop', name: 'frontend', domains: ['red'] },
    { cluster: 'gke-west', namespace: 'shop', name: 'catalog', domains: ['red'] },
  ]);
});
afterAll(() => network[Symbol.asyncDispose]());
beforeEach(async () => {
  await network.unlink();
  await start();
});
afterEach(async () => {
  await harness[Symbol.asyncDispose]();
  rmSync(join(network.directory, 'data'), { recursive: true });
  await network.reset();
});

describe('linking two clusters', () => {
  test('makes links and tokens that work, and no token is anywhere but in its Secret', async () => {
    const draft = await create([LINK]);
    expect(draft.planned.dryRun.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(await tokenOf('aws-east', 'gke-west')).toBeUndefined();
    await apply(draft);
    const done = await settled(draft, 'proved');
    for (const [holder, other] of [CLUSTERS, CLUSTERS.toReversed()] as [string, string][]) {
      const link = orThrow(await getObject(network.client(holder), ClusterLink, { name: other }));
      expect(link['spec']).toMatchObject({
        cluster: other,
        mode: 'pull',
        secretName: LINKS_SECRET,
        secretKey: other,
      });
      const token = (await tokenOf(holder, other))!;
      const times = tokenTimes(sensitive(token))!;
      expect(times.expiresAtMs - times.issuedAtMs).toBe(LINK_TOKEN_SECONDS * 1000);
      const [, payload = ''] = token.split('.');
      expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
        sub: 'system:serviceaccount:flatland-system:flatland-link',
      });
      const { id } = draft.summary;
      const told = JSON.stringify([
        done,
        harness.console.changeSets.exportFiles(id),
        harness.console.audit({ limit: 100 }),
        harness.console.topology(),
      ]);
      for (const text of [told, logged, journalText()])
        for (const form of [token, payload, Buffer.from(token).toString('base64')])
          expect(text).not.toContain(form);
    }
    expect((await harness.console.changeSets.plan([LINK])).plan.steps).toEqual([]);
  });

  test('is undone with its change set: neither link nor token is left', async () => {
    const draft = await create([LINK]);
    await apply(draft);
    await settled(draft, 'proved');
    const revert = await harness.console.changeSets.revert(ADA, draft.summary.id);
    expect(revert.planned.plan.steps.map(({ action }) => action)).toEqual([
      'delete',
      'delete',
      'forget',
      'forget',
    ]);
    await apply(revert);
    await settled(revert, 'proved');
    for (const cluster of CLUSTERS) {
      expect(orThrow(await listObjects(network.client(cluster), ClusterLink)).items).toEqual([]);
      expect(await tokenOf(cluster, cluster === 'aws-east' ? 'gke-west' : 'aws-east')).toBeUndefined();
    }
  });

  test('waits for a cluster that cannot make its token, and makes it when it is back', async () => {
    const draft = await create([LINK]);
    await network.takeAway('gke-west');
    await apply(draft);
    const waiting = await settled(draft, 'partial');
    const step = waiting.steps.find(
      ({ object, action }) => action === 'mint' && object.cluster === 'aws-east',
    );
    expect(step).toMatchObject({ state: 'waiting', refusal: { code: 'cluster-unreachable' } });
    expect((await getObject(network.client('aws-east'), ClusterLink, { name: 'gke-west' })).ok).toBe(false);
    await network.bringBack('gke-west');
    await settled(draft, 'proved');
    expect(await tokenOf('aws-east', 'gke-west')).toBeDefined();
  });

  test('is taken up by the next process where one died in a token’s step', async () => {
    const draft = await create([LINK]);
    const { changeSets } = harness.journal;
    const [first] = changeSets.get(draft.summary.id)!.steps;
    changeSets.setStep(draft.summary.id, { ...first!, state: 'applying', attempts: 1 });
    changeSets.setState(draft.summary.id, 'applying');
    await harness[Symbol.asyncDispose]();
    await start();
    await settled(draft, 'proved');
    expect(await tokenOf('aws-east', 'gke-west')).toBeDefined();
  });

  test('lets a cluster that only dials push, with the right that it needs', async () => {
    const draft = await create([{ ...LINK, dialler: 'gke-west' } as Intent]);
    await apply(draft);
    await settled(draft, 'proved');
    const client = network.client('aws-east');
    expect(
      orThrow(await getObject(client, ClusterRoleBinding, { name: 'flatland-link-push' })),
    ).toMatchObject({
      roleRef: { name: 'flatland-link-push' },
      subjects: [{ name: 'flatland-link', namespace: SYSTEM_NAMESPACE }],
    });
    expect(orThrow(await listObjects(client, ClusterLink)).items).toEqual([]);
    expect(await tokenOf('gke-west', 'aws-east.push')).toBeDefined();
  });
});

test('a domain over clusters that are not linked brings their links with it', async () => {
  const intent = { kind: 'create-domain', domain: { name: 'blue', clusters: CLUSTERS }, members: [] };
  const draft = await create([intent as unknown as Intent]);
  expect(draft.planned.plan.sentence).toBe('aws-east and gke-west are linked; no pod restarts');
  expect(draft.planned.plan.steps.map(({ action, object }) => `${action} ${object.kind}`)).toEqual([
    'mint Secret',
    'mint Secret',
    'create ClusterLink',
    'create ClusterLink',
    'create Domain',
    'create Domain',
  ]);
});

test('a new token takes the place of the old one, and of no other', async () => {
  const draft = await create([LINK]);
  await apply(draft);
  await settled(draft, 'proved');
  const before = [await tokenOf('aws-east', 'gke-west'), await tokenOf('gke-west', 'aws-east')];
  const renewal = await create([
    { kind: 'renew-link', cluster: 'aws-east', link: 'gke-west' } as unknown as Intent,
  ]);
  await apply(renewal);
  await settled(renewal, 'proved');
  expect(await tokenOf('aws-east', 'gke-west')).not.toBe(before[0]);
  expect(await tokenOf('gke-west', 'aws-east')).toBe(before[1]);
});

async function start(): Promise<void> {
  logged = '';
  const logger = pino({ level: 'trace' }, { write: (line: string) => void (logged += line) });
  harness = await startConsole(network, { logger });
  await eventually(() => harness.backend.readiness().ready);
  await harness.backend.firstRead(45_000);
  const isWhole = () =>
    harness.console.overview().clusters.every(({ reachable, message }) => reachable && message === undefined);
  await eventually(isWhole);
}

function create(intents: readonly Intent[]): Promise<ChangeSet> {
  return harness.console.changeSets.create(ADA, { title: 'Test', intents, idempotencyKey: randomUUID() });
}

function apply(draft: ChangeSet): Promise<ChangeSet> {
  return harness.console.changeSets.apply(ADA, {
    id: draft.summary.id,
    expectedPlanHash: draft.planned.planHash,
    acknowledged: draft.planned.plan.warnings.map(({ code }) => code),
    choices: [],
  });
}

async function settled(draft: ChangeSet, state: string): Promise<ChangeSet> {
  const get = () => harness.console.changeSets.get(draft.summary.id);
  await eventually(() => get().summary.state === state).catch((error: unknown) => {
    throw new Error(`not ${state}: ${JSON.stringify(get().steps, null, 1)}`, { cause: error });
  });
  return get();
}

async function tokenOf(holder: string, key: string): Promise<string | undefined> {
  const ref = { name: LINKS_SECRET, namespace: SYSTEM_NAMESPACE };
  const secret = await getObject(network.client(holder), Secret, ref);
  const data = secret.ok ? (secret.value['data'] as Record<string, string> | undefined) : undefined;
  return data?.[key] === undefined ? undefined : Buffer.from(data[key], 'base64').toString();
}

/** Everything that the journal has on disk. */
function journalText(): string {
  const directory = join(network.directory, 'data');
  return readdirSync(directory)
    .map((name) => readFileSync(join(directory, name), 'latin1'))
    .join('\n');
}
