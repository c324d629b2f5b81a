import { applyObject, createObject, deleteObject, getObject } from '@flatland/kube/client/objects';
import { orThrow } from '@flatland/kube/client/error';
import type { KubeObject } from '@flatland/kube/client/object';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { Domain } from '@flatland/kube/client/resources';
import { stableYaml } from '@flatland/shared/manifest/stable-yaml';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { fieldOwners } from '@flatland/shared/plan/field-owners';
import { managedFields } from '@flatland/shared/plan/managed-fields';
import type { PlanStep } from '@flatland/shared/plan/plan';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SimulatedNetwork } from '../../test/simulated-network.ts';
import type { FieldChoice } from '../api/change-set.ts';
import { applyStep } from './apply-step.ts';
import { contestedFields } from './chosen-fields.ts';
import { FIELD_MANAGER } from './field-manager.ts';
import { seenOf } from './seen-of.ts';

const N_RUNS = Number(process.env['FLATLAND_INTERLEAVINGS'] ?? 60);
const CLUSTER = 'aws-east';
const MANAGERS = ['argocd', 'bob', 'kubectl-edit'] as const;

/** What several managers quarrel about: a number, a text, an element of a set, an element of a list-map, annotations. */
interface Wishes {
  readonly mtuBytes?: number;
  readonly owner?: string;
  readonly note?: string;
  readonly sliceOfEast?: string;
  readonly namespace?: string;
}

const arbitraryWishes: fc.Arbitrary<Wishes> = fc.record(
  {
    mtuBytes: fc.constantFrom(1350, 1400, 1420),
    owner: fc.constantFrom('a.example', 'b.example', 'c.example'),
    note: fc.constantFrom('one', 'two'),
    sliceOfEast: fc.constantFrom('10.99.0.0/20', '10.99.16.0/20', '10.99.32.0/20'),
    namespace: fc.constantFrom('shop', 'dev'),
  },
  { requiredKeys: [] },
);

const arbitraryWrite = fc.record({
  manager: fc.constantFrom(...MANAGERS),
  wishes: arbitraryWishes,
  force: fc.boolean(),
});

/** Others write before the review, after it, and after the person chose. */
const arbitraryRun = fc.record({
  before: fc.array(arbitraryWrite, { maxLength: 3 }),
  ours: arbitraryWishes,
  afterReview: fc.array(arbitraryWrite, { maxLength: 2 }),
  choose: fc.constantFrom('nothing' as const, 'some' as const, 'all' as const),
  picks: fc.infiniteStream(fc.constantFrom('take-over' as const, 'leave' as const)),
  afterChoice: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    fc.array(arbitraryWrite, { minLength: 1, maxLength: 1 }),
  ),
});

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

test(
  `of ${N_RUNS} interleavings with three other managers, none forces a field that the person did not take over`,
  { timeout: 60_000 + N_RUNS * 2000 },
  async () => {
    let nForced = 0;
    let nKept = 0;
    await fc.assert(
      fc.asyncProperty(arbitraryRun, async (run) => {
        await deleteObject(client, Domain, { name: 'blue' });
        await createBase();
        await othersWrite(run.before);
        const reviewed = await live();
        const step = stepOver(reviewed, run.ours);
        await othersWrite(run.afterReview);
        const seen = await live();
        const contested = contestedFields(step, seen).filter((field) => field.contested);
        const chosen = run.choose === 'nothing' ? [] : run.choose === 'all' ? contested : contested.slice(1);
        const choices = chosen.map(({ field }): FieldChoice => {
          const choice = run.picks.next().value as FieldChoice['choice'];
          return { stepId: step.id, field, choice, seen: seenOf(seen) };
        });
        await othersWrite(run.afterChoice);
        const then = await live();
        const outcome = await applyStep(client, { changeSetId: 'ours', step, choices, dryRun: false });
        const now = await live();
        if (outcome.kind !== 'applied') {
          nKept += 1;
          // Refused means that nothing at all was written.
          expect(now.metadata.resourceVersion).toBe(then.metadata.resourceVersion);
          return;
        }
        const isVoid = choices.length > 0 && seenOf(then) !== seenOf(seen);
        expect(isVoid).toBe(false);
        const taken = new Set(
          choices.filter(({ choice }) => choice === 'take-over').map(({ field }) => field),
        );
        for (const field of foreignLeaves(then)) {
          const same = JSON.stringify(valueAt(now, field)) === JSON.stringify(valueAt(then, field));
          if (same) continue;
          nForced += 1;
          expect(
            [...taken].some(
              (one) => field === one || field.startsWith(`${one}[`) || field.startsWith(`${one}.`),
            ),
            field,
          ).toBe(true);
        }
      }),
      { numRuns: N_RUNS },
    );
    // Both ends of the property were reached.
    expect(nForced).toBeGreaterThan(0);
    expect(nKept).toBeGreaterThan(0);
  },
);

function specOf({ mtuBytes, owner, sliceOfEast, namespace }: Wishes) {
  return {
    ...(mtuBytes !== undefined && { mtuBytes }),
    ...(owner !== undefined && { owner }),
    ...(sliceOfEast !== undefined && { clusters: [{ name: CLUSTER, slices: [sliceOfEast] }] }),
    ...(namespace !== undefined && { allowedNamespaces: [namespace] }),
  };
}

function objectOf(wishes: Wishes, base: object = {}) {
  const annotations = wishes.note === undefined ? {} : { annotations: { 'x.example/note': wishes.note } };
  return {
    apiVersion: 'flatland.dev/v1alpha1',
    kind: 'Domain',
    metadata: { name: 'blue', labels: { 'app.kubernetes.io/managed-by': 'flatland' }, ...annotations },
    spec: { ...base, ...specOf(wishes) },
  } as unknown as KubernetesObject;
}

const BASE = {
  allowedNamespaces: ['ledger'],
  clusters: [{ name: CLUSTER, slices: ['10.99.0.0/20'] }],
  dnsName: 'blue.flatland',
  home: CLUSTER,
  owner: 'harbor.example',
  prefixes: ['10.99.0.0/16'],
  target: 'flatland',
};

async function createBase(): Promise<void> {
  const object = objectOf({}, BASE) as KubeObject;
  orThrow(await createObject(client, Domain, { object, fieldManager: FIELD_MANAGER }));
}

/** Others apply a part each; one whose wish conflicts and who does not force gets nothing, as in life. */
async function othersWrite(
  writes: readonly { manager: string; wishes: Wishes; force: boolean }[],
): Promise<void> {
  for (const { manager, wishes, force } of writes) {
    const { metadata, spec } = objectOf(wishes) as KubernetesObject & { spec: object };
    const { name, annotations } = metadata;
    const object = { metadata: { name, ...(annotations && { annotations }) }, spec };
    await applyObject(client, Domain, { object: object as KubeObject, fieldManager: manager, force });
  }
}

function stepOver(reviewed: KubernetesObject, wishes: Wishes): PlanStep {
  const manifest = objectOf(wishes, BASE);
  const { uid = '', resourceVersion = '' } = reviewed.metadata;
  return {
    id: `${CLUSTER} Domain  blue`,
    action: 'update',
    cluster: CLUSTER as PlanStep['cluster'],
    object: {
      cluster: CLUSTER,
      apiVersion: 'flatland.dev/v1alpha1',
      kind: 'Domain',
      name: 'blue',
    } as PlanStep['object'],
    manifest,
    before: stableYaml(managedFields(reviewed)),
    after: stableYaml(manifest),
    diff: [],
    live: { uid, resourceVersion },
  };
}

async function live(): Promise<KubernetesObject> {
  return orThrow(await getObject<KubernetesObject>(client, Domain, { name: 'blue' }));
}

function foreignLeaves(object: KubernetesObject): string[] {
  return [...new Set(fieldOwners(object, FIELD_MANAGER).map(({ field }) => field))];
}

/** The value at a leaf, by the API's own way to write fields; undefined where there is none. */
function valueAt(object: unknown, field: string): unknown {
  if (field.startsWith('.metadata.annotations.'))
    return (object as KubernetesObject).metadata.annotations?.[field.slice('.metadata.annotations.'.length)];
  const parts = field.match(/\.[A-Za-z0-9]+|\[[^\]]*\]/g) ?? [];
  return parts.reduce<unknown>((at, part) => {
    if (part.startsWith('.')) return (at as Record<string, unknown> | undefined)?.[part.slice(1)];
    const list = (at ?? []) as unknown[];
    if (part.startsWith('[=')) return list.find((item) => JSON.stringify(item) === part.slice(2, -1));
    const name = /^\[name="(.*)"\]$/.exec(part)?.[1];
    return list.find((item) => (item as { name?: string }).name === name);
  }, object);
}
