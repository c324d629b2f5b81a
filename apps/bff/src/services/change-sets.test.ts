import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { applyObject, deleteObject, getObject, mergePatchObject } from '@flatland/kube/client/objects';
import { orThrow } from '@flatland/kube/client/error';
import type { KubeObject } from '@flatland/kube/client/object';
import { Domain, Membership } from '@flatland/kube/client/resources';
import type { Intent } from '@flatland/shared/intent/intent';
import { stableYaml } from '@flatland/shared/manifest/stable-yaml';
import { CHANGE_SET_ANNOTATION } from '@flatland/shared/model/kubernetes-object';
import { managedFields } from '@flatland/shared/plan/managed-fields';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ADA, eventually, startConsole, type ConsoleHarness } from '../../test/console-harness.ts';
import { idOf, SimulatedNetwork } from '../../test/simulated-network.ts';
import type { ChangeSet, FieldChoice } from '../api/change-set.ts';
import { ConsoleFailure } from '../api/console-error.ts';

const FRONTEND = { cluster: 'aws-east', namespace: 'shop', name: 'frontend', domains: ['red'] };
const CATALOG = { cluster: 'gke-west', namespace: 'shop', name: 'catalog', domains: ['red'] };
const BILLING = { cluster: 'gke-west', namespace: 'finance', name: 'billing', domains: ['green'] };
const REPORTING = { cluster: 'onprem-fra', namespace: 'analytics', name: 'reporting', domains: ['red'] };
const JOIN: Intent = { kind: 'join', workload: idOf(FRONTEND), domain: 'green' as never };
const LEAVE: Intent = { kind: 'leave', workload: idOf(FRONTEND), domain: 'red' as never };
const MEMBERSHIP = { namespace: 'shop', name: 'green.statefulset.frontend' };

let network: SimulatedNetwork;
let harness: ConsoleHarness;

beforeAll(async () => {
  network = await SimulatedNetwork.start([FRONTEND, CATALOG, BILLING, REPORTING]);
});
afterAll(() => network[Symbol.asyncDispose]());
beforeEach(async () => {
  harness = await startConsole(network);
  await eventually(() => harness.backend.readiness().ready);
  await harness.backend.firstRead(45_000);
});
afterEach(async () => {
  await harness[Symbol.asyncDispose]();
  rmSync(join(network.directory, 'data'), { recursive: true });
  await network.reset();
});

describe('a join', () => {
  test('is planned without writing anything, then applied as reviewed, programmed and proved', async () => {
    const planned = await harness.console.changeSets.plan([JOIN]);
    expect(planned.dryRun).toEqual([{ stepId: planned.plan.steps[0]!.id, outcome: 'ok' }]);
    expect((await membership()).ok).toBe(false);

    const draft = await create([JOIN]);
    expect(draft.planned.planHash).toBe(planned.planHash);
    await apply(draft);
    const proved = await settled(draft, 'proved');

    expect(proved.summary.clusters).toEqual([
      { cluster: 'aws-east', state: 'proved', stepsDone: 1, nSteps: 1 },
    ]);
    const pairs = proved.proofs.map(({ pair, expected, state }) => [pair.from, pair.to, expected, state]);
    expect(pairs).toEqual([
      [idOf(FRONTEND), idOf(BILLING), true, 'proved'],
      [idOf(BILLING), idOf(FRONTEND), true, 'proved'],
    ]);
    expect(proved.proofs.every(({ probe }) => probe?.agrees === true)).toBe(true);
  });

  test('applies the bytes that were reviewed, with the change set’s id, and planning again gives nothing', async () => {
    const draft = await create([JOIN]);
    await apply(draft);
    await settled(draft, 'proved');
    const live = orThrow(await membership());
    const [step] = draft.planned.plan.steps;
    expect(stableYaml(managedFields(live as never))).toBe(step!.after);
    expect(stableYaml(step!.manifest)).toBe(step!.after);
    expect(live.metadata.annotations?.[CHANGE_SET_ANNOTATION]).toBe(draft.summary.id);
    expect(JSON.stringify(live.metadata.managedFields)).toContain('"manager":"flatland-console"');
    const again = await harness.console.changeSets.plan([JOIN]);
    expect(again.plan.steps).toEqual([]);
  });

  test('sent twice with one key is created once', async () => {
    const idempotencyKey = randomUUID();
    const send = () =>
      harness.console.changeSets.create(ADA, { title: 'Join', intents: [JOIN], idempotencyKey });
    const [first, second] = await Promise.all([send(), send()]);
    expect(second.summary.id).toBe(first.summary.id);
    expect((await send()).summary.id).toBe(first.summary.id);
    expect(harness.console.changeSets.list({ limit: 10 }).items).toHaveLength(1);
  });

  test('that is empty, refused, not acknowledged or not the reviewed one is not applied', async () => {
    const missing: Intent = { ...JOIN, workload: 'aws-east/shop/StatefulSet/nobody' };
    await refused(apply(await create([missing])), 'plan-refused');
    await refused(apply(await create([{ ...JOIN, domain: 'red' as never }])), 'plan-empty');
    const draft = await create([JOIN]);
    await refused(apply(draft, { expectedPlanHash: '0'.repeat(64) }), 'plan-changed');
    expect((await membership()).ok).toBe(false);
    const refusals = harness.console.audit({ limit: 50 }).items.filter(({ result }) => result === 'refused');
    expect(refusals.map(({ detail }) => detail.split(':')[0])).toEqual([
      'plan-changed',
      'plan-empty',
      'plan-refused',
    ]);
  });

  test('is written by the console as one audit that holds', async () => {
    const draft = await create([JOIN]);
    await apply(draft);
    await settled(draft, 'proved');
    const { items, chain } = harness.console.audit({ limit: 50 });
    expect(chain).toEqual({ intact: true });
    expect(items.map(({ action, result }) => [action, result]).toReversed()).toEqual([
      ['create', 'done'],
      ['apply', 'done'],
      ['create', 'done'],
      ['prove', 'done'],
    ]);
  });
});

describe('a leave', () => {
  test('is proved by packets that do not pass; reverting brings the same address back', async () => {
    const address = network.agents.addressOf('frontend-0', 'red');
    const draft = await create([LEAVE]);
    await apply(draft);
    const proved = await settled(draft, 'proved');
    expect(proved.proofs.map(({ expected, probe }) => [expected, probe?.result.echoed])).toEqual(
      Array(4).fill([false, false]),
    );
    const explained = harness.console.explain({ from: end(FRONTEND), to: end(CATALOG) });
    expect(explained.verdict).toMatchObject({ answer: 'no', reason: 'no-shared-domain' });
    expect(explained.agreement).toBe('agrees');

    const revert = await harness.console.changeSets.revert(ADA, draft.summary.id);
    expect(revert.summary.revertOf).toBe(draft.summary.id);
    await apply(revert);
    await settled(revert, 'proved');
    expect(network.agents.addressOf('frontend-0', 'red')).toBe(address);
    expect(harness.console.changeSets.get(draft.summary.id).summary).toMatchObject({
      state: 'reverted',
      revertedBy: revert.summary.id,
    });
    await refused(harness.console.changeSets.revert(ADA, draft.summary.id), 'wrong-state');
  });

  test('has one revert that is open, whoever asks and how often at once, until it is discarded', async () => {
    const draft = await create([LEAVE]);
    await apply(draft);
    await settled(draft, 'proved');
    const { changeSets } = harness.console;
    const revert = (person: string) => changeSets.revert({ ...ADA, person }, draft.summary.id);
    const reverts = await Promise.all(['ada', 'ada', 'grace'].map(revert));
    const [first] = reverts;
    expect(new Set(reverts.map(({ summary }) => summary.id)).size).toBe(1);
    expect((await revert('grace')).summary.id).toBe(first!.summary.id);
    changeSets.discard(ADA, first!.summary.id);
    expect((await revert('ada')).summary.id).not.toBe(first!.summary.id);
  });

  test('says whose conversations of the last hour it would cut', async () => {
    const found = await eventually(() => {
      const answer = harness.console.lastHour({ workload: idOf(FRONTEND), domain: 'red' });
      return answer.conversations.length === 4 && answer;
    });
    expect(new Set(found.conversations.map(({ from, to }) => `${from} ${to}`))).toEqual(
      new Set(
        [CATALOG, REPORTING].flatMap((other) => [
          `${idOf(FRONTEND)} ${idOf(other)}`,
          `${idOf(other)} ${idOf(FRONTEND)}`,
        ]),
      ),
    );
    expect(harness.console.lastHour({ workload: idOf(FRONTEND), domain: 'green' }).conversations).toEqual([]);
  });

  test('deletes nothing that does not carry the owner label', async () => {
    const draft = await create([LEAVE]);
    const red = { namespace: 'shop', name: 'red.statefulset.frontend' };
    const patch = { metadata: { labels: { 'app.kubernetes.io/managed-by': null } } };
    orThrow(await mergePatchObject(network.client('aws-east'), Membership, { ...red, patch }));
    await refused(apply(draft), 'plan-changed', 'plan-refused');
    expect((await membership(red)).ok).toBe(true);
  });
});

describe('an object that changed meanwhile', () => {
  test('before apply so that the plan means nothing any more is refused', async () => {
    const draft = await create([LEAVE]);
    await deleteRed();
    await refused(apply(draft), 'plan-refused');
    expect(harness.console.changeSets.get(draft.summary.id).planned.plan.refusals).toMatchObject([
      { code: 'not-a-member' },
    ]);
  });

  test('before apply stops it, is marked, and planning again helps', async () => {
    const draft = await create([JOIN, createBlue(['gke-west'], [])]);
    const spec = { domain: 'green', workload: { kind: 'StatefulSet', name: 'somebody-else' } };
    const object = { metadata: MEMBERSHIP, spec };
    orThrow(await applyObject(network.client('aws-east'), Membership, { object, fieldManager: 'bob' }));
    await eventually(() =>
      Object.hasOwn(harness.console.topology().memberships, `aws-east/shop/${MEMBERSHIP.name}`),
    );
    const stopped = await apply(draft);
    expect(stopped.summary.state).toBe('partial');
    expect(stopped.steps.map(({ object: ref, state, refusal }) => [ref.kind, state, refusal?.code])).toEqual([
      ['Domain', 'queued', undefined],
      ['Membership', 'failed', 'changed-meanwhile'],
    ]);
    expect(orThrow(await membership())['spec']).toEqual(spec);

    orThrow(await deleteObject(network.client('aws-east'), Membership, MEMBERSHIP));
    await eventually(
      () => !Object.hasOwn(harness.console.topology().memberships, `aws-east/shop/${MEMBERSHIP.name}`),
    );
    const again = await harness.console.changeSets.replan(ADA, draft.summary.id);
    await apply(again);
    await settled(again, 'proved');
  });

  test('in what surrounds it gives a new plan to review', async () => {
    const draft = await create([createBlue(['gke-west'], [])]);
    const [step] = draft.planned.plan.steps;
    const taken = { ...step!.manifest, metadata: { name: 'taken' } } as KubeObject;
    orThrow(await applyObject(network.client('gke-west'), Domain, { object: taken, fieldManager: 'bob' }));
    await eventually(() => Object.hasOwn(harness.console.topology().domains, 'taken'));
    await refused(apply(draft), 'plan-changed');
    const planned = harness.console.changeSets.get(draft.summary.id);
    expect(planned.summary.state).toBe('planned');
    expect(planned.planned.plan.steps[0]!.after).not.toBe(step!.after);
    await apply(planned);
    await settled(planned, 'proved');
  });

  test('while its cluster was away stops the apply, is marked, and the rest stays queued', async () => {
    await network.takeAway('onprem-fra');
    await eventually(() => harness.console.topology().clusters['onprem-fra']?.reachable === false);
    const draft = await create([createBlue(['aws-east', 'onprem-fra'], [idOf(REPORTING)])]);
    await apply(draft);
    await settled(draft, 'partial', 60_000);
    await harness[Symbol.asyncDispose]();
    await network.bringBack('onprem-fra');
    const [mine] = draft.planned.plan.steps.filter(({ cluster }) => cluster === 'onprem-fra');
    const object = {
      ...mine!.manifest,
      metadata: { name: 'blue', labels: { made: 'by-bob' } },
    } as KubeObject;
    orThrow(await applyObject(network.client('onprem-fra'), Domain, { object, fieldManager: 'bob' }));
    harness = await startConsole(network);

    const stopped = await eventually(() => {
      const now = harness.console.changeSets.get(draft.summary.id);
      return now.steps.some(({ state }) => state === 'failed') && now.summary.state === 'partial' && now;
    }, 60_000);
    const states = stopped.steps.map(({ object: ref, state, refusal }) => [
      ref.cluster,
      ref.kind,
      state,
      refusal?.code,
    ]);
    expect(states).toEqual([
      ['aws-east', 'Domain', 'applied', undefined],
      ['onprem-fra', 'Domain', 'failed', 'changed-meanwhile'],
      ['onprem-fra', 'Membership', 'queued', undefined],
    ]);
    const replanned = await harness.console.changeSets.replan(ADA, draft.summary.id);
    expect(replanned.summary.state).toBe('planned');
    expect(replanned.summary.id).not.toBe(draft.summary.id);
  });

  test('a status that is written meanwhile changes nothing', async () => {
    const draft = await create([
      { kind: 'unspan', cluster: 'onprem-fra', domain: 'green' } as unknown as Intent,
    ]);
    const patch = { status: { memberCount: 3 } };
    const client = network.client('aws-east');
    orThrow(await mergePatchObject(client, Domain, { name: 'green', patch, subresource: 'status' }));
    await apply(draft);
    await settled(draft, 'proved');
  });
});

describe('a field that another manager owns', () => {
  test('is not taken unless the person takes over that very field', async () => {
    await own('bob', 1400);
    const draft = await create([
      { kind: 'put-object', cluster: 'aws-east', object: await redWithMtu(1350) } as Intent,
    ]);
    const [dryRun] = draft.planned.dryRun;
    expect(dryRun).toMatchObject({
      outcome: 'refused',
      refusal: { code: 'field-conflict' },
      conflicts: [{ field: '.spec.mtuBytes', manager: 'bob' }],
    });
    await apply(draft);
    const failed = await settled(draft, 'partial');
    expect(failed.steps[0]).toMatchObject({ state: 'failed', refusal: { code: 'field-conflict' } });
    expect(await liveMtu()).toBe(1400);

    const again = await harness.console.changeSets.replan(ADA, draft.summary.id);
    const stepId = again.planned.plan.steps[0]!.id;
    const [conflict] = await harness.console.changeSets.conflicts(again.summary.id);
    expect(conflict).toMatchObject({
      stepId,
      choosable: true,
      fields: [
        { path: 'spec.mtuBytes', base: 1400, theirs: 1400, ours: 1350, managers: ['bob'], contested: true },
      ],
    });
    const { seen } = conflict!;
    await apply(again, { choices: [{ stepId, seen, field: '.spec.owner', choice: 'take-over' }] });
    await settled(again, 'partial');
    expect(await liveMtu()).toBe(1400);

    const third = await harness.console.changeSets.replan(ADA, draft.summary.id);
    await apply(third, { choices: [{ stepId, seen, field: '.spec.mtuBytes', choice: 'take-over' }] });
    await settled(third, 'proved');
    expect(await liveMtu()).toBe(1350);
  });

  test('is left to its manager where the person says so, and the rest is applied', async () => {
    await own('bob', 1400);
    const object = await redWithMtu(1350);
    const spec = { ...(object as { spec: object }).spec, owner: 'ours.example' };
    const draft = await create([
      { kind: 'put-object', cluster: 'aws-east', object: { ...object, spec } } as Intent,
    ]);
    const [conflict] = await harness.console.changeSets.conflicts(draft.summary.id);
    const { stepId, seen } = conflict!;
    await apply(draft, { choices: [{ stepId, seen, field: '.spec.mtuBytes', choice: 'leave' }] });
    await settled(draft, 'proved');
    const live = orThrow(await getObject(network.client('aws-east'), Domain, { name: 'red' }));
    expect(live['spec']).toMatchObject({ mtuBytes: 1400, owner: 'ours.example' });
    const bob = live.metadata.managedFields as { manager: string; fieldsV1: object }[];
    expect(
      bob
        .filter(({ fieldsV1 }) => JSON.stringify(fieldsV1).includes('mtuBytes'))
        .map(({ manager }) => manager),
    ).toEqual(['bob']);
    expect(
      harness.console
        .audit({ limit: 50 })
        .items.map(({ detail }) => detail)
        .join('\n'),
    ).toMatch(/Left to others: aws-east Domain {2}red \.spec\.mtuBytes/);
  });

  test('that changed after the review is shown in three ways, and goes on only as chosen for what was seen', async () => {
    const draft = await create([
      { kind: 'put-object', cluster: 'aws-east', object: await redWithMtu(1350) } as Intent,
    ]);
    await own('bob', 1400);
    await apply(draft);
    const stopped = await settled(draft, 'partial');
    expect(stopped.steps[0]).toMatchObject({ state: 'failed', refusal: { code: 'changed-meanwhile' } });
    const { changeSets } = harness.console;
    const [conflict] = await changeSets.conflicts(draft.summary.id);
    expect(conflict).toMatchObject({ choosable: true });
    const [field] = conflict!.fields;
    expect(field).toMatchObject({
      path: 'spec.mtuBytes',
      theirs: 1400,
      ours: 1350,
      managers: ['bob'],
      contested: true,
    });
    expect(field).not.toHaveProperty('base');
    const choice = {
      stepId: conflict!.stepId,
      seen: conflict!.seen,
      field: '.spec.mtuBytes',
      choice: 'take-over' as const,
    };

    // Changed once more: the choice was made for something else.
    await own('carol', 1420);
    const call = changeSets.resolve(ADA, { id: draft.summary.id, choices: [choice] });
    await refused(call, 'plan-changed');
    expect(await liveMtu()).toBe(1420);

    const [now] = await changeSets.conflicts(draft.summary.id);
    await changeSets.resolve(ADA, { id: draft.summary.id, choices: [{ ...choice, seen: now!.seen }] });
    await settled(draft, 'proved');
    expect(await liveMtu()).toBe(1350);
  });
});

describe('a cluster that is away', () => {
  const span = createBlue(['aws-east', 'gke-west', 'onprem-fra'], []);

  test('waits while the others are applied, and goes on when it is back', async () => {
    const draft = await create([span]);
    await network.takeAway('onprem-fra');
    await eventually(() => harness.console.topology().clusters['onprem-fra']?.reachable === false);
    const again = await harness.console.changeSets.replan(ADA, draft.summary.id);
    expect(again.planned.plan.warnings.map(({ code }) => code)).toContain('cluster-unreachable');
    await refused(apply(again, { acknowledged: [] }), 'unacknowledged');
    await apply(again);
    const partial = await settled(again, 'partial', 60_000);
    expect(partial.summary.clusters.map(({ cluster, state }) => [cluster, state])).toEqual([
      ['aws-east', expect.stringMatching(/applied|programmed/)],
      ['gke-west', expect.stringMatching(/applied|programmed/)],
      ['onprem-fra', 'waiting'],
    ]);
    await network.bringBack('onprem-fra');
    const whole = await settled(again, 'proved', 60_000);
    expect(whole.steps.map(({ state }) => state)).toEqual(['applied', 'applied', 'applied']);
  });

  test('does not delay what other clusters tell', async () => {
    await network.takeAway('onprem-fra');
    const startedMs = performance.now();
    const draft = await create([JOIN]);
    await apply(draft);
    await settled(draft, 'proved');
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  test('is left undone by the person, who keeps what was applied', async () => {
    await network.takeAway('onprem-fra');
    await eventually(() => harness.console.topology().clusters['onprem-fra']?.reachable === false);
    const draft = await create([span]);
    await apply(draft);
    await settled(draft, 'partial', 60_000);
    harness.console.changeSets.discard(ADA, draft.summary.id);
    const left = harness.console.changeSets.get(draft.summary.id);
    expect(left.steps.map(({ state }) => state).toSorted()).toEqual(['applied', 'applied', 'left']);
    await network.bringBack('onprem-fra');
    await eventually(() => harness.console.topology().clusters['onprem-fra']?.reachable === true);
    expect(harness.console.changeSets.get(draft.summary.id).summary.state).toBe('partial');
  });
});

test('a packet that contradicts the verdict is told', async () => {
  await eventually(
    () => harness.console.explain({ from: end(FRONTEND), to: end(CATALOG) }).verdict.answer === 'yes',
  );
  network.agents.dead.add(network.agents.addressOf('catalog-0', 'red')!);
  const probe = await harness.console.probes.run({ from: end(FRONTEND), to: end(CATALOG) });
  expect(probe).toMatchObject({ agrees: false, verdict: { answer: 'yes' }, result: { echoed: false } });
  expect(harness.console.explain({ from: end(FRONTEND), to: end(CATALOG) }).agreement).toBe('disagrees');
  expect(await harness.backend.metrics.registry.metrics()).toContain('flatland_probe_disagreements 1');
});

test('every pair’s verdict agrees with its packets', async () => {
  await eventually(() =>
    harness.console.probes.matrix(undefined).cells.every(({ verdict }) => verdict.answer !== 'unknown'),
  );
  const probes = await harness.console.probes.runAll(undefined);
  expect(probes).toHaveLength(12);
  expect(probes.every(({ agrees }) => agrees)).toBe(true);
  expect(probes.filter(({ result }) => result.echoed)).toHaveLength(6);
});

test('a discarded draft is gone, and its audit stays', async () => {
  const draft = await create([JOIN]);
  harness.console.changeSets.discard(ADA, draft.summary.id);
  expect(() => harness.console.changeSets.get(draft.summary.id)).toThrow(ConsoleFailure);
  expect(harness.console.audit({ limit: 1 }).items[0]).toMatchObject({ action: 'discard' });
});

test('that a draft was discarded is told to everybody who watches', async () => {
  const draft = await create([JOIN]);
  const told: string[] = [];
  const stop = new AbortController();
  const watching = (async () => {
    for await (const { event } of harness.console.events({ lastEventId: undefined, signal: stop.signal }))
      told.push(event.kind);
  })();
  await eventually(() => told.includes('snapshot'));
  harness.console.changeSets.discard(ADA, draft.summary.id);
  await eventually(() => told.includes('audit'));
  stop.abort();
  await watching;
});

test('an export is the reviewed bytes, a folder for each cluster', async () => {
  const draft = await create([JOIN, LEAVE]);
  const files = harness.console.changeSets.exportFiles(draft.summary.id);
  expect(files.map(({ path }) => path)).toEqual([
    'aws-east/deletions.yaml',
    'aws-east/membership-shop-green.statefulset.frontend.yaml',
  ]);
  expect(files[1]!.text).toBe(draft.planned.plan.steps[0]!.after);
});

describe('an object that Argo CD keeps', () => {
  const RED = { namespace: 'shop', name: 'red.statefulset.frontend' };
  const live = () => getObject(network.client('aws-east'), Membership, RED);
  const keep = async () => {
    const { apiVersion, kind, metadata, ...rest } = orThrow(await live());
    const { name, namespace, labels } = metadata;
    const spec = (rest as unknown as { spec: unknown }).spec;
    const object = { apiVersion, kind, metadata: { name, namespace, labels }, spec } as KubeObject;
    const manager = { fieldManager: 'argocd-controller', force: true };
    orThrow(await applyObject(network.client('aws-east'), Membership, { object, ...manager }));
    await vi.waitFor(
      async () => {
        const { plan } = await harness.console.changeSets.plan([LEAVE]);
        expect(plan.steps[0]?.git).toBe('argo-cd');
      },
      { timeout: 45_000 },
    );
  };

  test('is not written: the change set waits until the cluster has what was exported, and is then proved', async () => {
    await keep();
    const draft = await create([LEAVE]);
    expect(draft.planned.dryRun.map(({ outcome }) => outcome)).toEqual(['ok']);
    await apply(draft);
    const waiting = await settled(draft, 'partial');
    expect(waiting.steps.map(({ state, refusal }) => [state, refusal?.code])).toEqual([
      ['waiting', 'git-owned'],
    ]);
    expect(waiting.summary.clusters[0]).toMatchObject({
      state: 'waiting',
      message: 'Membership shop/red.statefulset.frontend in aws-east is kept by Argo CD',
    });
    expect(orThrow(await live()).metadata.deletionTimestamp).toBeUndefined();
    const [file, ...others] = harness.console.changeSets.exportFiles(draft.summary.id, 'git');
    expect(others).toEqual([]);
    expect(file).toMatchObject({ path: 'aws-east/deletions.yaml', text: expect.stringContaining(RED.name) });

    orThrow(await deleteObject(network.client('aws-east'), Membership, RED));
    await settled(draft, 'proved');
    const steps = harness.console.audit({ limit: 100 }).items.filter(({ action }) => action === 'delete');
    expect(steps.map(({ result }) => result)).toEqual(['done', 'failed']);
  });

  test('is exported while the others of a change set are applied', async () => {
    await keep();
    const draft = await create([JOIN, LEAVE]);
    const paths = (only?: 'git') =>
      harness.console.changeSets.exportFiles(draft.summary.id, only).map(({ path }) => path);
    expect(paths()).toHaveLength(2);
    expect(paths('git')).toEqual(['aws-east/deletions.yaml']);
    await apply(draft);
    const partial = await settled(draft, 'partial');
    expect(partial.steps.map(({ action, state }) => [action, state])).toEqual([
      ['create', 'applied'],
      ['delete', 'waiting'],
    ]);
  });
});

function createBlue(clusters: readonly string[], members: readonly string[]): Intent {
  return { kind: 'create-domain', domain: { name: 'blue', clusters }, members } as unknown as Intent;
}

function create(intents: readonly Intent[]): Promise<ChangeSet> {
  return harness.console.changeSets.create(ADA, { title: 'Test', intents, idempotencyKey: randomUUID() });
}

function apply(
  draft: ChangeSet,
  more: {
    expectedPlanHash?: string;
    acknowledged?: string[];
    choices?: FieldChoice[];
  } = {},
): Promise<ChangeSet> {
  return harness.console.changeSets.apply(ADA, {
    id: draft.summary.id,
    expectedPlanHash: draft.planned.planHash,
    acknowledged: draft.planned.plan.warnings.map(({ code }) => code),
    choices: [],
    ...more,
  });
}

async function settled(draft: ChangeSet, state: string, timeoutMs?: number): Promise<ChangeSet> {
  const get = () => harness.console.changeSets.get(draft.summary.id);
  await eventually(() => get().summary.state === state, timeoutMs).catch((error: unknown) => {
    throw new Error(`not ${state}: ${JSON.stringify(get(), null, 1)}`, { cause: error });
  });
  return get();
}

async function refused(call: Promise<unknown>, ...codes: string[]): Promise<void> {
  const failure = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(ConsoleFailure);
  expect(codes).toContain((failure as ConsoleFailure).code);
}

function end(workload: typeof FRONTEND) {
  return { workload: idOf(workload) };
}

function membership(ref = MEMBERSHIP) {
  return getObject(network.client('aws-east'), Membership, ref);
}

async function deleteRed(): Promise<void> {
  const ref = { namespace: 'shop', name: 'red.statefulset.frontend' };
  orThrow(await deleteObject(network.client('aws-east'), Membership, ref));
  await eventually(() => !Object.hasOwn(harness.console.topology().memberships, `aws-east/shop/${ref.name}`));
}

async function own(manager: string, mtuBytes: number): Promise<void> {
  const object = { metadata: { name: 'red' }, spec: { mtuBytes } };
  orThrow(
    await applyObject(network.client('aws-east'), Domain, { object, fieldManager: manager, force: true }),
  );
  await eventually(() => harness.console.topology().domains['red']?.mtuBytes === mtuBytes);
}

async function redWithMtu(mtuBytes: number): Promise<object> {
  const live = orThrow(await getObject(network.client('aws-east'), Domain, { name: 'red' }));
  const managed = managedFields(live as never);
  return { ...managed, spec: { ...(managed['spec'] as object), mtuBytes } };
}

async function liveMtu(): Promise<unknown> {
  const live = orThrow(await getObject(network.client('aws-east'), Domain, { name: 'red' }));
  return (live['spec'] as { mtuBytes?: number }).mtuBytes;
}
