import {
  applyObject,
  createObject,
  deleteObject,
  getObject,
  listPage,
  mergePatchObject,
} from '@flatland/kube/client/objects';
import { orThrow } from '@flatland/kube/client/error';
import type { KubeObject } from '@flatland/kube/client/object';
import { ConfigMap, Domain } from '@flatland/kube/client/resources';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { stableYaml } from '@flatland/shared/manifest/stable-yaml';
import { CHANGE_SET_ANNOTATION, type KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { diffFields } from '@flatland/shared/plan/diff-fields';
import { managedFields } from '@flatland/shared/plan/managed-fields';
import type { PlanStep, StepAction } from '@flatland/shared/plan/plan';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SimulatedNetwork } from '../../test/simulated-network.ts';
import { applyStep, type StepOutcome } from './apply-step.ts';

const CLUSTER = 'aws-east';
const SPEC = {
  allowedNamespaces: ['*'],
  clusters: [{ name: CLUSTER, slices: ['10.99.0.0/20'] }],
  dnsName: 'blue.flatland',
  home: CLUSTER,
  owner: 'harbor.example',
  prefixes: ['10.99.0.0/16'],
  target: 'flatland',
};
const MANIFEST = {
  apiVersion: 'flatland.dev/v1alpha1',
  kind: 'Domain',
  metadata: { name: 'blue', labels: { 'app.kubernetes.io/managed-by': 'flatland' } },
  spec: SPEC,
} as unknown as KubernetesObject;

let network: SimulatedNetwork;
let client: KubeClient;
beforeAll(async () => {
  network = await SimulatedNetwork.start([
    { cluster: CLUSTER, namespace: 'shop', name: 'a', domains: ['red'] },
  ]);
  network.agents.paused = true;
  client = network.client(CLUSTER);
});
afterAll(() => network[Symbol.asyncDispose]());
beforeEach(async () => {
  await deleteObject(client, Domain, { name: 'blue' });
});

describe('a create', () => {
  test('is applied once; done again it writes nothing', async () => {
    expect(await run(step('create'))).toEqual({ kind: 'applied' });
    const { resourceVersion } = (await live())!.metadata;
    expect(await run(step('create'))).toEqual({ kind: 'applied' });
    expect((await live())!.metadata.resourceVersion).toBe(resourceVersion);
  });

  test('stops before an object of the same name that somebody else made', async () => {
    await make({ ...SPEC, owner: 'bob.example' });
    expect(refusalCode(await run(step('create')))).toBe('changed-meanwhile');
    expect(await liveOwner()).toBe('bob.example');
  });

  test('shares an object that somebody else made just so', async () => {
    await make(SPEC);
    expect(await run(step('create'))).toEqual({ kind: 'applied' });
  });

  test('tells the API’s own text where the object is not valid', async () => {
    const manifest = { ...MANIFEST, spec: { ...SPEC, mtuBytes: 12 } };
    const outcome = await run({ ...step('create'), manifest });
    expect(refusalCode(outcome)).toBe('invalid-object');
    expect(JSON.stringify(outcome)).toContain('mtuBytes');
  });

  test('does not carry a field that the kind does not have', async () => {
    const manifest = { ...MANIFEST, spec: { ...SPEC, mtuBites: 1400 } };
    expect(JSON.stringify(await run({ ...step('create'), manifest }))).toContain('mtuBites');
    expect(await live()).toBeUndefined();
  });
});

describe('an update', () => {
  test('is applied over what was reviewed', async () => {
    await run(step('create'));
    const seen = (await live())!;
    expect(await run(update(seen, { mtuBytes: 1400 }), 'second')).toEqual({ kind: 'applied' });
    const now = (await live())!;
    expect(now['spec']).toMatchObject({ mtuBytes: 1400 });
    expect(now.metadata.annotations?.[CHANGE_SET_ANNOTATION]).toBe('second');
  });

  test('stops where the object was edited, deleted, or deleted and made anew', async () => {
    await run(step('create'));
    const seen = (await live())!;
    const change = update(seen, { mtuBytes: 1400 });
    orThrow(
      await mergePatchObject(client, Domain, { name: 'blue', patch: { spec: { owner: 'bob.example' } } }),
    );
    expect(refusalCode(await run(change, 'second'))).toBe('changed-meanwhile');
    orThrow(await deleteObject(client, Domain, { name: 'blue' }));
    expect(refusalCode(await run(change, 'second'))).toBe('changed-meanwhile');
    await run(step('create'), 'third');
    expect((await live())!.metadata.uid).not.toBe(seen.metadata.uid);
    expect(refusalCode(await run(change, 'second'))).toBe('changed-meanwhile');
  });

  test('goes through while somebody keeps writing the status', async () => {
    await run(step('create'));
    const seen = (await live())!;
    let isBusy = true;
    const busy = (async () => {
      for (let n = 0; isBusy; n++) {
        await mergePatchObject(client, Domain, {
          name: 'blue',
          patch: { status: { memberCount: n } },
          subresource: 'status',
        });
        await sleep(30);
      }
    })();
    const outcome = await run(update(seen, { mtuBytes: 1400 }), 'second');
    isBusy = false;
    await busy;
    expect(outcome).toEqual({ kind: 'applied' });
  });

  test('leaves fields of other managers byte for byte', async () => {
    await run(step('create'));
    const other = {
      metadata: { name: 'blue', annotations: { 'bob.example/note': 'mine' } },
    };
    orThrow(await applyObject(client, Domain, { object: other, fieldManager: 'bob' }));
    const seen = (await live())!;
    await run(update(seen, { mtuBytes: 1400 }), 'second');
    expect((await live())!.metadata.annotations?.['bob.example/note']).toBe('mine');
  });
});

describe('an update that takes something away', () => {
  const both = [...SPEC.clusters, { name: 'gke-west', slices: ['10.99.16.0/20'] }];
  const shown = (seen: KubernetesObject): PlanStep => ({
    ...update(seen, {}),
    diff: diffFields(managedFields(seen), managedFields(MANIFEST)),
  });

  test('R-11: does what was shown where it is the console’s', async () => {
    await run({ ...step('create'), manifest: { ...MANIFEST, spec: { ...SPEC, clusters: both } } });
    expect(await run(shown((await live())!), 'second')).toEqual({ kind: 'applied' });
    expect((await live())!['spec']).toEqual(SPEC);
  });

  test('R-11: is refused, and does nothing, where another manager would keep it', async () => {
    await make({ ...SPEC, clusters: both });
    const seen = (await live())!;
    for (const dryRun of [true, false]) {
      const outcome = await run(shown(seen), 'second', { dryRun });
      expect(refusalCode(outcome)).toBe('field-conflict');
      expect(JSON.stringify(outcome)).toContain('spec.clusters[name=gke-west]');
    }
    expect(await live()).toEqual(seen);
  });
});

describe('a delete', () => {
  test('takes exactly the object that was seen, once', async () => {
    await run(step('create'));
    const seen = (await live())!;
    expect(await run(remove(seen), 'second')).toEqual({ kind: 'applied' });
    expect(await live()).toBeUndefined();
    expect(await run(remove(seen), 'second')).toEqual({ kind: 'applied' });
    await run(step('create'), 'third');
    expect(refusalCode(await run(remove(seen), 'second'))).toBe('changed-meanwhile');
    expect(await live()).toBeDefined();
  });

  test('never takes what does not carry the owner label', async () => {
    await make(SPEC, {});
    const seen = (await live())!;
    expect(refusalCode(await run(remove(seen)))).toBe('unowned-object');
    expect(await live()).toBeDefined();
  });
});

test('kinds that are not Flatland’s are neither written nor deleted', async () => {
  const object = { metadata: { name: 'x', namespace: 'shop' }, data: { a: 'b' } };
  orThrow(await createObject(client, ConfigMap, { object }));
  for (const action of ['create', 'update', 'delete'] as const) {
    const ref = { cluster: CLUSTER, apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'x' };
    const outcome = await run({ ...step(action), object: ref as PlanStep['object'] });
    expect(refusalCode(outcome)).toBe('invalid-object');
  }
  expect(orThrow(await getObject(client, ConfigMap, { name: 'x', namespace: 'shop' }))['data']).toEqual({
    a: 'b',
  });
});

test('a dry-run says the same and writes nothing', async () => {
  const version = async () => orThrow(await listPage(client, Domain)).metadata.resourceVersion;
  const before = await version();
  expect(await run(step('create'), 'first', { dryRun: true })).toEqual({ kind: 'applied' });
  expect(await live()).toBeUndefined();
  expect(await version()).toBe(before);
  await run(step('create'));
  const seen = (await live())!;
  const invalid = update(seen, { mtuBytes: 12 });
  const dry = await run(invalid, 'second', { dryRun: true });
  expect(dry).toEqual(await run(invalid, 'second'));
  expect(await run(remove(seen), 'second', { dryRun: true })).toEqual({ kind: 'applied' });
  expect((await live())!.metadata.resourceVersion).toBe(seen.metadata.resourceVersion);
});

test('a cluster that is away keeps the step waiting', async () => {
  await network.takeAway(CLUSTER);
  const outcome = await run(step('create'));
  await network.bringBack(CLUSTER);
  expect(outcome).toMatchObject({ kind: 'away', refusal: { code: 'cluster-unreachable' } });
});

function step(action: StepAction): PlanStep {
  return {
    id: `${CLUSTER} Domain  blue`,
    action,
    cluster: CLUSTER as PlanStep['cluster'],
    object: {
      cluster: CLUSTER,
      apiVersion: 'flatland.dev/v1alpha1',
      kind: 'Domain',
      name: 'blue',
    } as PlanStep['object'],
    ...(action === 'delete' ? {} : { manifest: MANIFEST }),
    before: '',
    after: action === 'delete' ? '' : stableYaml(MANIFEST),
    diff: [],
  };
}

function update(seen: KubernetesObject, change: object): PlanStep {
  const manifest = { ...MANIFEST, spec: { ...SPEC, ...change } };
  return {
    ...step('update'),
    manifest,
    before: content(seen),
    after: stableYaml(manifest),
    live: identity(seen),
  };
}

function remove(seen: KubernetesObject): PlanStep {
  return { ...step('delete'), before: content(seen), live: identity(seen) };
}

function content(object: KubernetesObject): string {
  return stableYaml(managedFields(object));
}

function identity({ metadata }: KubernetesObject) {
  return { uid: metadata.uid ?? '', resourceVersion: metadata.resourceVersion ?? '' };
}

function run(one: PlanStep, changeSetId = 'first', more: { dryRun?: boolean } = {}): Promise<StepOutcome> {
  return applyStep(client, { changeSetId, step: one, choices: [], dryRun: more.dryRun ?? false });
}

function refusalCode(outcome: StepOutcome): string {
  return outcome.kind === 'applied' ? 'applied' : outcome.refusal.code;
}

async function live(): Promise<KubernetesObject | undefined> {
  const answer = await getObject<KubernetesObject>(client, Domain, { name: 'blue' });
  return answer.ok ? answer.value : undefined;
}

async function liveOwner(): Promise<unknown> {
  return ((await live())!['spec'] as { owner: string }).owner;
}

async function make(
  spec: object,
  labels: Record<string, string> = { 'app.kubernetes.io/managed-by': 'flatland' },
) {
  const object = { metadata: { name: 'blue', labels }, spec } as KubeObject;
  orThrow(await createObject(client, Domain, { object, fieldManager: 'bob' }));
}
