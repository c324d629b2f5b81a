import type { KubeClient } from '@flatland/kube/client/kube-client';
import { orThrow } from '@flatland/kube/client/error';
import type { KubeObject } from '@flatland/kube/client/object';
import { applyObject, createObject, deleteObject, listObjects } from '@flatland/kube/client/objects';
import { Namespace } from '@flatland/kube/client/resources';
import { seededRandom } from '@flatland/kube/testing/seeded-random';
import type { Intent } from '@flatland/shared/intent/intent';
import { stableYaml } from '@flatland/shared/manifest/stable-yaml';
import {
  OWNER_LABEL,
  OWNER_LABEL_VALUE,
  type KubernetesObject,
} from '@flatland/shared/model/kubernetes-object';
import { managedFields } from '@flatland/shared/plan/managed-fields';
import { objectKey } from '@flatland/shared/plan/object-key';
import { planChange } from '@flatland/shared/plan/plan-change';
import type { Plan, PlanStep } from '@flatland/shared/plan/plan';
import { arbitraryIntents } from '@flatland/shared/testing/arbitrary-intent';
import { arbitraryWorld } from '@flatland/shared/testing/arbitrary-world';
import { snapshotOf } from '@flatland/shared/testing/world';
import { buildTopology } from '@flatland/shared/topology/build-topology';
import type { Snapshot } from '@flatland/shared/topology/snapshot';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SimulatedNetwork } from '../../test/simulated-network.ts';
import { applyStep } from '../executor/apply-step.ts';
import { FIELD_MANAGER } from '../executor/field-manager.ts';
import { WRITABLE_KINDS, writableKind } from '../executor/writable-kinds.ts';
import { dryRunPlan } from './dry-run.ts';

const N_PLANS = process.env['FLATLAND_LONG'] === '1' ? 2000 : 25;
const SEED = Number(process.env['FLATLAND_SEED'] ?? 20_261_126);
const CLUSTERS = ['cluster-0', 'cluster-1', 'cluster-2'];
const OWNED = { [OWNER_LABEL]: OWNER_LABEL_VALUE };

const arbitraryCase = arbitraryWorld.chain((world) => {
  const snapshot = snapshotOf(world);
  const intents = arbitraryIntents(buildTopology(snapshot));
  return fc.record({ snapshot: fc.constant(snapshot), intents, seed: fc.integer() });
});

let network: SimulatedNetwork;
beforeAll(async () => {
  network = await SimulatedNetwork.start(
    CLUSTERS.map((cluster) => ({ cluster, namespace: 'shop', name: 'a', domains: ['red'] })),
  );
  network.agents.paused = true;
  for (const cluster of CLUSTERS)
    for (const name of ['ledger', 'dev'])
      orThrow(await createObject(network.client(cluster), Namespace, { object: { metadata: { name } } }));
}, 120_000);
afterAll(() => network[Symbol.asyncDispose]());

test(
  `R-10, R-11: of ${N_PLANS} plans a dry-run writes nothing, an apply makes what was shown, and what others changed stays`,
  async ({ annotate }) => {
    const counts = { steps: 0, deletes: 0, unowned: 0, kept: 0, disturbed: 0 };
    await fc.assert(
      fc.asyncProperty(arbitraryCase, async ({ snapshot, intents, seed }) => {
        await check(await install(snapshot, seededRandom(seed)), intents, {
          random: seededRandom(~seed),
          counts,
        });
      }),
      { numRuns: N_PLANS, seed: SEED, endOnFailure: true },
    );
    await annotate(JSON.stringify(counts));
    for (const count of [counts.steps, counts.deletes, counts.unowned, counts.disturbed])
      expect(count).toBeGreaterThan(0);
  },
  120_000 + N_PLANS * 10_000,
);

test('R-10: nothing is asked for, and nothing is deleted', () => {
  fc.assert(
    fc.property(arbitraryCase, ({ snapshot }) => {
      expect(planChange({ snapshot, intents: [] }).steps).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

type Counts = Record<'steps' | 'deletes' | 'unowned' | 'kept' | 'disturbed', number>;
type Objects = ReadonlyMap<string, KubernetesObject>;

/** Makes the clusters hold what a snapshot says, some of it not Flatland’s, and gives the snapshot with what they hold. */
async function install(snapshot: Snapshot, random: () => number): Promise<Snapshot> {
  const clusters = await Promise.all(
    snapshot.clusters.map(async (cluster) => {
      const client = network.client(cluster.cluster);
      for (const object of (await liveObjects(cluster.cluster)).values()) await remove(client, object);
      const written = cluster.objects.filter(({ kind }) => writableKind(kind) !== undefined);
      for (const object of written) {
        const isOwned = random() >= 0.2;
        const { labels: _, ...metadata } = managedFields(object).metadata;
        const made = {
          ...managedFields(object),
          metadata: { ...metadata, ...(isOwned && { labels: OWNED }) },
        };
        // What the console applied, and what somebody made with another tool.
        await (random() < 0.7 ? apply(client, made) : create(client, made));
      }
      const rest = cluster.objects.filter(({ kind }) => writableKind(kind) === undefined);
      return { ...cluster, objects: [...rest, ...(await liveObjects(cluster.cluster)).values()] };
    }),
  );
  return { clusters };
}

async function check(
  snapshot: Snapshot,
  intents: readonly Intent[],
  { random, counts }: { random: () => number; counts: Counts },
): Promise<void> {
  const plan = planChange({ snapshot, intents });
  const planned = await allObjects(snapshot);
  for (const step of plan.steps.filter(({ action }) => action === 'delete')) {
    counts.deletes += 1;
    expect(step.live?.uid).toBe(planned.get(step.id)?.metadata.uid);
  }
  const dryRun = await dryRunPlan(plan, { client: (name) => network.client(name), isReadOnly: () => false });
  expect(await allObjects(snapshot)).toEqual(planned);

  const disturbed = await disturb(plan, planned, random);
  const before = await allObjects(snapshot);
  for (const [index, step] of plan.steps.entries()) {
    counts.steps += 1;
    const outcome = await applyStep(network.client(step.cluster), {
      changeSetId: 'the-change-set',
      step,
      choices: [],
      dryRun: false,
    });
    const live = (await liveObjects(step.cluster)).get(step.id);
    if (disturbed.has(step.id)) {
      counts.disturbed += 1;
      expect(outcome.kind, step.id).toBe('failed');
      expect(live, step.id).toEqual(before.get(step.id));
      continue;
    }
    expect(dryRun[index]?.outcome, step.id).toBe(outcome.kind === 'applied' ? 'ok' : 'refused');
    if (outcome.kind === 'applied') expect(live ? stableYaml(managedFields(live)) : '').toBe(step.after);
    else expect(live, step.id).toEqual(before.get(step.id));
    if (outcome.kind === 'failed' && outcome.refusal.code === 'field-conflict') counts.kept += 1;
    const isOwned = planned.get(step.id)?.metadata.labels?.[OWNER_LABEL] === OWNER_LABEL_VALUE;
    if (step.action === 'delete' && !isOwned) {
      counts.unowned += 1;
      expect(outcome).toMatchObject({ kind: 'failed', refusal: { code: 'unowned-object' } });
    }
  }
  const steps = new Set(plan.steps.map(({ id }) => id));
  const untouched = (objects: Objects) => [...objects].filter(([key]) => !steps.has(key));
  expect(untouched(await allObjects(snapshot))).toEqual(untouched(before));
}

/** Somebody else changes what some steps are about, between the review and the apply. Gives the steps’ ids. */
async function disturb(plan: Plan, planned: Objects, random: () => number): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const step of plan.steps) {
    const live = planned.get(step.id);
    if (live === undefined || random() >= 0.3) continue;
    ids.add(step.id);
    const client = network.client(step.cluster);
    const how = random();
    if (how < 0.4) await replace(client, step, live);
    else {
      const annotations = how < 0.7 ? { 'bob.example/note': 'mine' } : undefined;
      const labels = annotations === undefined ? { 'bob.example/team': 'sea' } : undefined;
      const { name, namespace } = live.metadata;
      const metadata = {
        name,
        ...(namespace && { namespace }),
        ...(annotations ? { annotations } : { labels }),
      };
      const object = { metadata } as KubeObject;
      orThrow(await applyObject(client, writableKind(live.kind)!, { object, fieldManager: 'bob' }));
    }
  }
  return ids;
}

/** Another object of the same name and content, without anything of Flatland’s. */
async function replace(client: KubeClient, step: PlanStep, live: KubernetesObject): Promise<void> {
  await remove(client, live);
  const fields = managedFields(live);
  await create(client, { ...fields, metadata: { ...fields.metadata, labels: {} } });
  expect(step.live?.uid).toBe(live.metadata.uid);
}

async function apply(client: KubeClient, object: KubernetesObject): Promise<void> {
  const options = { object: object as KubeObject, fieldManager: FIELD_MANAGER };
  orThrow(await applyObject(client, writableKind(object.kind)!, options));
}

async function create(client: KubeClient, object: KubernetesObject): Promise<void> {
  orThrow(
    await createObject(client, writableKind(object.kind)!, {
      object: object as KubeObject,
      fieldManager: 'bob',
    }),
  );
}

async function remove(client: KubeClient, { kind, metadata }: KubernetesObject): Promise<void> {
  const { name, namespace } = metadata;
  orThrow(await deleteObject(client, writableKind(kind)!, { name, ...(namespace && { namespace }) }));
}

async function allObjects(snapshot: Snapshot): Promise<Objects> {
  const all = await Promise.all(snapshot.clusters.map(({ cluster }) => liveObjects(cluster)));
  return new Map(all.flatMap((objects) => [...objects]));
}

/** Everything that a change set may write, by key. */
async function liveObjects(cluster: string): Promise<Objects> {
  const lists = await Promise.all(
    WRITABLE_KINDS.map(
      async (type) => orThrow(await listObjects<KubernetesObject>(network.client(cluster), type)).items,
    ),
  );
  return new Map(lists.flat().map((object) => [objectKey(cluster, object), object]));
}
