import { expect, it } from 'vitest';
import { podObjects } from '../../src/agent/testing/objects.ts';
import { scaled } from '../support/scale.ts';
import type { CasesWorld } from './cases-world.ts';
import { MEMBERS, RED, Setting, type Member } from './setting.ts';

const PER_SECOND = 20;
const N_PODS = PER_SECOND * scaled(3, 30);
const TICK_MS = 50;
/** How long each stays once it was reached. */
const STAY_MS = 500;
/** Longer than that nobody may wait for an address and an answer. */
const PATIENCE_MS = 120_000;
/** After the setting's own pods. */
const FIRST = 100;
const PLACES = [
  { cluster: 'east', node: 'east-1', workload: 'frontend' },
  { cluster: 'east', node: 'east-2', workload: 'cart' },
  { cluster: 'west', node: 'west-1', workload: 'catalog' },
] as const;

/** Who sends to whom all the while. */
const STEADY = [
  [MEMBERS.frontend, MEMBERS.catalog],
  [MEMBERS.cart, MEMBERS.frontend],
] as const;

interface Passing extends Member {
  readonly name: string;
  readonly bornMs: number;
  reachedMs?: number;
}

/** Pods come and go in number, on every node of two clusters. */
export function churnSuite(makeWorld: () => Promise<CasesWorld>): void {
  it(`${PER_SECOND} pods a second come and go: each is reached from another cluster or node, none has another’s address, and flows beside them lose nothing`, async () => {
    const world = await makeWorld();
    try {
      const setting = await Setting.make(world);
      const blocksBefore = blocksOf(world);
      const told = await churn(setting);
      const rate = (N_PODS * 1000) / told.tookMs;
      const joinMs = told.joinMs.toSorted((a, b) => a - b);
      const [median, worst] = [joinMs[joinMs.length >> 1], joinMs.at(-1)];
      process.stderr.write(
        `${world.datapath}: ${N_PODS} pods came and went, ${rate.toFixed(1)} a second; from pod to first packet ${median} ms, at most ${worst} ms; ${blocksOf(world)} blocks, ${blocksBefore} before\n`,
      );
      expect(told.twice).toEqual([]);
      expect(new Set(told.outcomes)).toEqual(new Set(['echoed']));
      const isAsBefore = async () => membersOf(world).length === Object.keys(MEMBERS).length;
      await setting.until(isAsBefore, PATIENCE_MS);
      await setting.untilAllReach();
    } finally {
      await world.close();
    }
  });
}

/** What was seen while they came and went. */
interface Told {
  readonly tookMs: number;
  /** From the pod's birth until it was reached, one for each. */
  readonly joinMs: readonly number[];
  /** Addresses that two pods had at once. */
  readonly twice: readonly string[];
  /** What became of the packets of those that stay. */
  readonly outcomes: readonly string[];
}

async function churn(setting: Setting): Promise<Told> {
  const { world } = setting;
  const startMs = world.nowMs();
  const [joinMs, outcomes] = [[] as number[], [] as string[]];
  const twice = new Set<string>();
  let alive: Passing[] = [];
  for (let nBorn = 0; nBorn < N_PODS || alive.length > 0;) {
    const dueMs = world.nowMs() - startMs;
    const due = Math.min(N_PODS, Math.floor((dueMs * PER_SECOND) / 1000) + 1);
    for (; nBorn < due; nBorn += 1) alive.push(await give(world, nBorn));
    for (const address of sharedAddresses(world)) twice.add(address);
    const waiting = alive.filter(({ reachedMs }) => reachedMs === undefined);
    await Promise.all([
      ...STEADY.map(async ([from, to]) => outcomes.push(await setting.ping(from, setting.addressOf(to)))),
      ...waiting.map(async (pod) => {
        const from = pod.cluster === 'east' ? MEMBERS.catalog : MEMBERS.cart;
        if ((await setting.ping(from, setting.addressOf(pod))) === 'echoed') pod.reachedMs = world.nowMs();
      }),
    ]);
    for (const { uid, bornMs, reachedMs } of waiting)
      if (reachedMs !== undefined) joinMs.push(Math.round(reachedMs - bornMs));
      else if (world.nowMs() - bornMs > PATIENCE_MS) throw new Error(`${uid} was never reached`);
    const isOver = ({ reachedMs }: Passing) => reachedMs !== undefined && world.nowMs() - reachedMs > STAY_MS;
    const leaving = alive.filter(isOver);
    await world.during(Promise.all(leaving.map(({ cluster, name }) => world.removePod(cluster, name))));
    alive = alive.filter((pod) => !leaving.includes(pod));
    await world.pass(TICK_MS);
  }
  return { tookMs: world.nowMs() - startMs, joinMs, twice: [...twice], outcomes };
}

async function give(world: CasesWorld, n: number): Promise<Passing> {
  const { cluster, node, workload } = PLACES[n % PLACES.length]!;
  const index = FIRST + n;
  const bornMs = world.nowMs();
  await world.during(world.addPods(cluster, podObjects('shop', workload, node, { first: index })));
  return { cluster, node, uid: `shop-${workload}-${index}`, name: `${workload}-7d9f-${index}`, bornMs };
}

interface SliceSpec {
  readonly domain: string;
  readonly members: readonly {
    readonly pod: { readonly uid: string };
    readonly addresses: readonly string[];
  }[];
}

/** Every member of red, as its own cluster tells it. */
function membersOf(world: CasesWorld): SliceSpec['members'] {
  const own = listAll(world, 'MemberSlice');
  const members = own.map((slice) => slice['spec'] as SliceSpec).filter(({ domain }) => domain === RED);
  // Mirrored slices tell of the same pods.
  const byUid = new Map(members.flatMap((spec) => spec.members.map((member) => [member.pod.uid, member])));
  return [...byUid.values()];
}

function sharedAddresses(world: CasesWorld): string[] {
  const seen = new Set<string>();
  const all = membersOf(world).flatMap(({ addresses }) => addresses);
  return all.filter((address) => seen.size === seen.add(address).size);
}

function blocksOf(world: CasesWorld): number {
  return listAll(world, 'AddressBlock').length;
}

function listAll(world: CasesWorld, kind: string) {
  return [...world.apis.values()].flatMap((api) => api.list(kind));
}
