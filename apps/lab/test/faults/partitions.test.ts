import type { IpAddress } from '@flatland/shared/address/ip';
import { ClusterLink, MemberSlice } from '@flatland/kube/client/resources';
import type { Condition } from '@flatland/shared/model/kubernetes-object';
import type { MemberSlice as MemberSliceObject } from '@flatland/shared/model/member-slice';
import { seededRandom } from '@flatland/kube/testing/seeded-random';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { KubeObject } from '../../src/workloads/kinds/meta.ts';
import { FaultWorld } from './fault-world.ts';
import { contradictions } from './world-state.ts';

const IS_LONG = process.env['FLATLAND_LONG'] === '1';
const N_SCHEDULES = IS_LONG ? 300 : 3;
const SEED = Number(process.env['FLATLAND_SEED'] ?? 20_261_126);
const CLUSTERS = ['east', 'west', 'north', 'south', 'mid'];
/** The machine may be busy; how long it took is told. */
const PATIENCE = { timeout: 90_000, interval: 100 };

type WithConditions = KubeObject & { status?: { conditions?: Condition[] } };

let world: FaultWorld;
beforeAll(async () => {
  world = await FaultWorld.start(CLUSTERS, 1);
  await world.addDomain('red', '10.81');
  for (const cluster of CLUSTERS) {
    await world.addMembership(cluster, 'red', 'cart');
    await world.addPod(nodeOf(cluster), { cluster, name: 'cart', app: 'cart' });
  }
  await vi.waitFor(() => expectWhole(), PATIENCE);
}, 180_000);
afterAll(() => world[Symbol.asyncDispose]());

test(
  `R-12: ${CLUSTERS.length} clusters, ${N_SCHEDULES} partitions and heals: the lost clusters are named, the others forward on`,
  async ({ annotate }) => {
    const random = seededRandom(SEED);
    const healedInMs: number[] = [];
    for (let n = 0; n < N_SCHEDULES; n += 1) {
      const away = CLUSTERS.filter(() => random() < 0.5);
      const groups = [away, CLUSTERS.filter((cluster) => !away.includes(cluster))];
      const about = `seed ${SEED}, schedule ${n}, away ${away.join()}`;
      setPartition(groups, true);
      await vi.waitFor(() => expectParted(groups, about), PATIENCE);
      // What changes meanwhile is known everywhere after the heal.
      const changed = CLUSTERS[Math.floor(random() * CLUSTERS.length)]!;
      await world.addPod(nodeOf(changed), { cluster: changed, name: `late-${n}`, app: 'cart' });
      setPartition(groups, false);
      const healedMs = performance.now();
      await vi.waitFor(() => expectWhole(), PATIENCE);
      healedInMs.push(performance.now() - healedMs);
      await world.removePod(nodeOf(changed), { cluster: changed, name: `late-${n}` });
    }
    const sorted = healedInMs.toSorted((a, b) => a - b).map(Math.round);
    await annotate(`whole again after p50 ${sorted[sorted.length >> 1]} ms, at most ${sorted.at(-1)} ms`);
  },
  120_000 + N_SCHEDULES * 60_000,
);

function nodeOf(cluster: string) {
  return world.cluster(cluster).nodes[0]!;
}

/** Cuts, or heals, every way between clusters of different groups: packets, and controllers' links. */
function setPartition(groups: readonly (readonly string[])[], isDown: boolean): void {
  for (const [a, b] of pairs(groups, 'apart')) {
    if (a < b) world.underlay.setPartition(nodeOf(a).host, nodeOf(b).host, isDown);
    const way = world.cluster(a).ways.get(b)!;
    if (isDown) way.cut('reset');
    else way.heal();
  }
}

async function expectParted(groups: readonly (readonly string[])[], about: string): Promise<void> {
  await Promise.all([
    ...pairs(groups, 'together').map(([a, b]) => expectJoined(a, b, about)),
    ...pairs(groups, 'apart').map(async ([a, b]) => {
      expect(await linkReady(a, b), about).toBe('False cluster-unreachable');
      expect(await reaches(a, b), about).toBe(false);
    }),
  ]);
}

async function expectJoined(a: string, b: string, about: string): Promise<void> {
  expect(await linkReady(a, b), about).toBe('True ready');
  expect(await reaches(a, b), about).toBe(true);
}

async function expectWhole(): Promise<void> {
  expect(await contradictions(world)).toEqual([]);
  await Promise.all(pairs([CLUSTERS], 'together').map(([a, b]) => expectJoined(a, b, `${a} to ${b}`)));
}

function pairs(groups: readonly (readonly string[])[], which: 'apart' | 'together'): [string, string][] {
  const groupOf = (cluster: string) => groups.findIndex((group) => group.includes(cluster));
  return CLUSTERS.flatMap((a) =>
    CLUSTERS.filter((b) => a !== b && (groupOf(a) === groupOf(b)) === (which === 'together')).map(
      (b): [string, string] => [a, b],
    ),
  );
}

async function linkReady(from: string, to: string): Promise<string | undefined> {
  const links = await world.cluster(from).list<WithConditions>(ClusterLink);
  return conditionOf(
    links.find(({ metadata }) => metadata.name === to),
    'Ready',
  );
}

function conditionOf(object: WithConditions | undefined, type: string): string | undefined {
  const condition = object?.status?.conditions?.find((found) => found.type === type);
  return condition === undefined ? undefined : `${condition.status} ${condition.reason}`;
}

/** Whether a member of one cluster gets an answer of one of the other. */
async function reaches(from: string, to: string): Promise<boolean> {
  const slices = await world.cluster(to).list<MemberSliceObject>(MemberSlice);
  const uid = world.uidOf({ cluster: to, name: 'cart' });
  const member = slices.flatMap(({ spec }) => spec.members).find(({ pod }) => pod.uid === uid);
  if (member === undefined) return false;
  const source = world.uidOf({ cluster: from, name: 'cart' });
  const outcome = await nodeOf(from).ping(source, member.addresses[0] as IpAddress, 300);
  return outcome.kind === 'echoed';
}
