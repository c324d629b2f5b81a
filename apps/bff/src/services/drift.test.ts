import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { orThrow } from '@flatland/kube/client/error';
import { deleteObject, getObject, mergePatchObject } from '@flatland/kube/client/objects';
import { Domain, Membership } from '@flatland/kube/client/resources';
import type { Intent } from '@flatland/shared/intent/intent';
import { managedFields } from '@flatland/shared/plan/managed-fields';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { ADA, eventually, startConsole, type ConsoleHarness } from '../../test/console-harness.ts';
import { idOf, SimulatedNetwork } from '../../test/simulated-network.ts';
import type { ChangeSet, FieldChoice } from '../api/change-set.ts';

const FRONTEND = { cluster: 'aws-east', namespace: 'shop', name: 'frontend', domains: ['red'] };
const BILLING = { cluster: 'aws-east', namespace: 'finance', name: 'billing', domains: ['green'] };
const JOIN: Intent = { kind: 'join', workload: idOf(FRONTEND), domain: 'green' as never };
const MEMBERSHIP = { namespace: 'shop', name: 'green.statefulset.frontend' };
const MEMBERSHIP_ID = 'aws-east Membership shop green.statefulset.frontend';
const RED_ID = 'aws-east Domain  red';

let network: SimulatedNetwork;
let harness: ConsoleHarness;

beforeAll(async () => {
  network = await SimulatedNetwork.start([FRONTEND, BILLING]);
});
afterAll(() => network[Symbol.asyncDispose]());
beforeEach(start);
afterEach(async () => {
  await harness[Symbol.asyncDispose]();
  rmSync(join(network.directory, 'data'), { recursive: true });
  await network.reset();
});

test('what was applied does not drift; a field that somebody edits does, and says who and when', async () => {
  await applyMtu(1350);
  await editMtu(1400);
  const [found, ...others] = await drifted(1);
  expect(others).toEqual([]);
  expect(found).toMatchObject({ id: RED_ID, how: 'edited', paths: ['spec.mtuBytes'], domain: 'red' });
  const detail = await harness.console.drift.get(RED_ID);
  expect(detail.fields).toEqual([
    {
      path: 'spec.mtuBytes',
      applied: 1350,
      live: 1400,
      drifted: true,
      by: [{ manager: 'kubectl-edit', time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) }],
    },
  ]);
  expect(detail).toMatchObject({ current: true, appliedBy: { person: 'ada' } });
  expect(detail.applied).toContain('mtuBytes: 1350');
  expect(detail.live).toContain('mtuBytes: 1400');
});

test('it is told to everybody who watches, and kept over a restart of the console', async () => {
  await applyMtu(1350);
  const told: (readonly string[])[] = [];
  const stop = new AbortController();
  const watching = (async () => {
    for await (const { event } of harness.console.events({ lastEventId: undefined, signal: stop.signal }))
      if (event.kind === 'drift') told.push(event.drifted.map(({ id }) => id));
  })();
  await editMtu(1400);
  await eventually(() => told.some((ids) => ids[0] === RED_ID));
  stop.abort();
  await watching;
  await harness[Symbol.asyncDispose]();
  await start();
  expect((await drifted(1)).map(({ id }) => id)).toEqual([RED_ID]);
});

test('what is adopted is what is wanted from then on: kept as a change set, nothing is written, and it can be reverted', async () => {
  await applyMtu(1350);
  await editMtu(1400);
  await drifted(1);
  const before = orThrow(await getObject(network.client('aws-east'), Domain, { name: 'red' }));
  const { seen } = await harness.console.drift.get(RED_ID);
  const adopted = await harness.console.drift.adopt(ADA, [{ id: RED_ID, seen }]);
  expect(adopted.summary.title).toBe('Adopt Domain red in aws-east');
  expect(adopted.steps.map(({ action, state }) => [action, state])).toEqual([['update', 'applied']]);
  expect(adopted.planned.plan.steps[0]!.diff).toEqual([
    { path: 'spec.mtuBytes', op: 'replace', before: 1350, after: 1400 },
  ]);
  await drifted(0);
  const after = orThrow(await getObject(network.client('aws-east'), Domain, { name: 'red' }));
  expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  const acts = harness.console.audit({ limit: 5 }).items.filter(({ action }) => action === 'adopt');
  expect(acts).toMatchObject([{ person: 'ada', object: { kind: 'Domain', name: 'red' }, result: 'done' }]);

  await editMtu(1420);
  expect((await drifted(1))[0]?.paths).toEqual(['spec.mtuBytes']);
  const revert = await harness.console.changeSets.revert(ADA, adopted.summary.id);
  expect(revert.planned.plan.steps[0]!.diff).toMatchObject([{ before: 1420, after: 1350 }]);
});

test('nothing is adopted that the person did not see', async () => {
  await applyMtu(1350);
  await editMtu(1400);
  await drifted(1);
  const { seen } = await harness.console.drift.get(RED_ID);
  await editMtu(1420);
  await expect(harness.console.drift.adopt(ADA, [{ id: RED_ID, seen }])).rejects.toMatchObject({
    code: 'plan-changed',
  });
  await expect(
    harness.console.drift.adopt(ADA, [{ id: 'aws-east Domain  mars', seen }]),
  ).rejects.toMatchObject({
    code: 'not-found',
  });
});

test('restoring is a change set that is reviewed; the field of somebody else is forced only where it was taken over', async () => {
  await applyMtu(1350);
  await editMtu(1400);
  await drifted(1);
  const draft = await harness.console.drift.restore(ADA, [RED_ID]);
  expect(draft.summary).toMatchObject({ state: 'planned', title: 'Restore Domain red in aws-east' });
  expect(draft.planned.plan.steps[0]!.diff).toEqual([
    { path: 'spec.mtuBytes', op: 'replace', before: 1400, after: 1350 },
  ]);
  expect(draft.planned.dryRun).toMatchObject([{ outcome: 'refused', refusal: { code: 'field-conflict' } }]);
  const [conflict] = await harness.console.changeSets.conflicts(draft.summary.id);
  const { stepId, seen, fields } = conflict!;
  const choices = fields.map(({ field }): FieldChoice => ({ stepId, seen, field, choice: 'take-over' }));
  await apply(draft, choices);
  await settled(draft);
  expect((await liveRed())['spec']).toMatchObject({ mtuBytes: 1350 });
  await drifted(0);
});

test('the same drift has one draft that restores it, and that follows what the drift becomes', async () => {
  await applyMtu(1350);
  await editMtu(1400);
  await drifted(1);
  const restore = () => harness.console.drift.restore(ADA, [RED_ID]);
  const [first, second] = await Promise.all([restore(), restore()]);
  expect(second.summary.id).toBe(first.summary.id);
  await editMtu(1410);
  await vi.waitFor(
    async () => {
      const { summary, planned } = await restore();
      expect(summary.id).toBe(first.summary.id);
      expect(planned.plan.steps[0]!.diff).toMatchObject([{ before: 1410, after: 1350 }]);
    },
    { timeout: 15_000 },
  );
  harness.console.changeSets.discard(ADA, first.summary.id);
  expect((await restore()).summary.id).not.toBe(first.summary.id);
});

test('an object that somebody deleted is restored, or its absence adopted', async () => {
  await joinGreen();
  await removeMembership();
  expect(await drifted(1)).toMatchObject([
    { id: MEMBERSHIP_ID, how: 'deleted', domain: 'green', workload: idOf(FRONTEND), paths: [] },
  ]);
  const draft = await harness.console.drift.restore(ADA, [MEMBERSHIP_ID]);
  expect(draft.planned.plan.steps.map(({ action }) => action)).toEqual(['create']);
  await apply(draft);
  await settled(draft);
  await drifted(0);
  expect((await getObject(network.client('aws-east'), Membership, MEMBERSHIP)).ok).toBe(true);

  await removeMembership();
  await drifted(1);
  const { seen } = await harness.console.drift.get(MEMBERSHIP_ID);
  const adopted = await harness.console.drift.adopt(ADA, [{ id: MEMBERSHIP_ID, seen }]);
  expect(adopted.steps.map(({ action, state }) => [action, state])).toEqual([['delete', 'applied']]);
  await drifted(0);
  expect((await getObject(network.client('aws-east'), Membership, MEMBERSHIP)).ok).toBe(false);
});

test('several are adopted or restored as one change set, and none is adopted where one is not as it was seen', async () => {
  await applyMtu(1350);
  await joinGreen();
  await editMtu(1400);
  await removeMembership();
  const ids = (await drifted(2)).map(({ id }) => id);
  expect(ids).toEqual([RED_ID, MEMBERSHIP_ID].toSorted());
  const draft = await harness.console.drift.restore(ADA, ids);
  expect(draft.summary).toMatchObject({ title: 'Restore 2 objects', state: 'planned' });
  expect(draft.planned.plan.steps.map(({ id }) => id).toSorted()).toEqual(ids);

  const objects = await Promise.all(
    ids.map(async (id) => ({ id, seen: (await harness.console.drift.get(id)).seen })),
  );
  await editMtu(1420);
  await expect(harness.console.drift.adopt(ADA, objects)).rejects.toMatchObject({ code: 'plan-changed' });
  expect(harness.console.drift.list().map(({ id }) => id)).toEqual(ids);
  await editMtu(1400);
  const again = await Promise.all(
    ids.map(async (id) => ({ id, seen: (await harness.console.drift.get(id)).seen })),
  );
  const adopted = await harness.console.drift.adopt(ADA, [...again, ...again]);
  expect(adopted.summary).toMatchObject({ title: 'Adopt 2 objects', state: 'applied' });
  expect(adopted.steps.map(({ stepId }) => stepId).toSorted()).toEqual(ids);
  await drifted(0);
  await expect(harness.console.drift.restore(ADA, [RED_ID])).rejects.toMatchObject({ code: 'plan-empty' });
});

test('what Git keeps is restored by export', async () => {
  await applyMtu(1350);
  await editMtu(1400, { labels: { 'kustomize.toolkit.fluxcd.io/name': 'network' } });
  expect((await drifted(1))[0]?.git).toBe('flux');
  const draft = await harness.console.drift.restore(ADA, [RED_ID]);
  expect(draft.planned.plan.steps.map(({ git }) => git)).toEqual(['flux']);
  await apply(draft);
  await settled(draft, 'partial');
  expect((await liveRed())['spec']).toMatchObject({ mtuBytes: 1400 });
  const [file] = harness.console.changeSets.exportFiles(draft.summary.id, 'git');
  expect(file?.text).toContain('mtuBytes: 1350');
});

async function start(): Promise<void> {
  harness = await startConsole(network);
  await eventually(() => harness.backend.readiness().ready);
  await harness.backend.firstRead(45_000);
}

/** Waits until so many objects drift. */
async function drifted(count: number) {
  await eventually(() => harness.console.drift.list().length === count);
  return harness.console.drift.list();
}

async function applyMtu(mtuBytes: number): Promise<void> {
  const managed = managedFields((await liveRed()) as never);
  const object = { ...managed, spec: { ...(managed['spec'] as object), mtuBytes } };
  await applied([{ kind: 'put-object', cluster: FRONTEND.cluster as never, object }]);
}

function joinGreen(): Promise<void> {
  return applied([JOIN]);
}

async function applied(intents: readonly Intent[]): Promise<void> {
  const draft = await harness.console.changeSets.create(ADA, {
    title: 'Test',
    intents,
    idempotencyKey: randomUUID(),
  });
  await apply(draft);
  await settled(draft);
  await drifted(0);
}

function apply(draft: ChangeSet, choices: readonly FieldChoice[] = []): Promise<ChangeSet> {
  return harness.console.changeSets.apply(ADA, {
    id: draft.summary.id,
    expectedPlanHash: draft.planned.planHash,
    acknowledged: draft.planned.plan.warnings.map(({ code }) => code),
    choices,
  });
}

async function settled(draft: ChangeSet, state = 'proved'): Promise<void> {
  const get = () => harness.console.changeSets.get(draft.summary.id);
  await eventually(() => get().summary.state === state).catch((error: unknown) => {
    throw new Error(`not ${state}: ${JSON.stringify(get(), null, 1)}`, { cause: error });
  });
}

async function editMtu(mtuBytes: number, metadata: object = {}): Promise<void> {
  const patch = { metadata, spec: { mtuBytes } };
  const about = { name: 'red', patch, fieldManager: 'kubectl-edit' };
  orThrow(await mergePatchObject(network.client('aws-east'), Domain, about));
  await eventually(() => harness.console.topology().domains['red']?.mtuBytes === mtuBytes);
}

async function removeMembership(): Promise<void> {
  orThrow(await deleteObject(network.client('aws-east'), Membership, MEMBERSHIP));
}

async function liveRed() {
  return orThrow(await getObject(network.client('aws-east'), Domain, { name: 'red' }));
}
