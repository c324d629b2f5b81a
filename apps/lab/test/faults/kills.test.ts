import { seededRandom } from '@flatland/kube/testing/seeded-random';
import { expect, test, vi } from 'vitest';
import { FaultWorld } from './fault-world.ts';
import type { FaultNode } from './fault-node.ts';
import { contradictions, stateOf } from './world-state.ts';

const IS_LONG = process.env['FLATLAND_LONG'] === '1';
const N_CHANGES = IS_LONG ? 500 : 120;
const SEED = Number(process.env['FLATLAND_SEED'] ?? 20_261_126);
const CLUSTERS = ['east', 'west'];
const DOMAINS = ['red', 'green'];
const APPS = ['cart', 'stock', 'mail'];
/** One kill comes with about so many changes. */
const CHANGES_A_KILL = 8;

test(
  `agents and controllers that are killed during ${N_CHANGES} changes end where those end that are not`,
  async ({ annotate }) => {
    const calm = await run({ kills: false });
    const killed = await run({ kills: true, like: calm.state });
    expect(killed.state).toEqual(calm.state);
    expect(killed.nKills).toBeGreaterThan(N_CHANGES / CHANGES_A_KILL / 2);
    await annotate(`${N_CHANGES} changes, ${killed.nKills} kills, seed ${SEED}`);
  },
  300_000 + N_CHANGES * 3000,
);

interface Run {
  readonly state: unknown;
  readonly nKills: number;
}

async function run(options: { kills: boolean; like?: unknown }): Promise<Run> {
  await using world = await FaultWorld.start(CLUSTERS, 2);
  for (const [i, domain] of DOMAINS.entries()) await world.addDomain(domain, `10.${81 + i}`);
  for (const cluster of CLUSTERS) {
    for (const domain of DOMAINS) await world.addMembership(cluster, domain, 'base');
    for (const node of world.cluster(cluster).nodes)
      await world.addPod(node, { cluster, name: `base-${node.name}`, app: 'base' });
  }
  const { change, members } = changes(world, seededRandom(SEED));
  const chance = seededRandom(SEED + 1);
  let nKills = 0;
  const killing: Promise<void>[] = [];
  for (let n = 0; n < N_CHANGES; n += 1) {
    await change();
    if (!options.kills || chance() * CHANGES_A_KILL >= 1) continue;
    nKills += 1;
    killing.push(kill(world, chance));
    // Some are killed while others of their cluster come back.
    if (chance() < 0.5) await Promise.all(killing.splice(0));
  }
  await Promise.all(killing);
  const state = await settled(world, { members: members(), like: options.like });
  return { state, nKills };
}

const busy = new Set<unknown>();

/** Kills an agent or a controller that runs, and starts it again. */
async function kill(world: FaultWorld, random: () => number): Promise<void> {
  const cluster = world.cluster(pick(CLUSTERS, random));
  const node = pick(cluster.nodes, random);
  const victim = random() < 0.3 ? cluster : node;
  if (busy.has(victim)) return;
  busy.add(victim);
  if (victim === cluster) {
    await cluster.killController();
    cluster.startController();
  } else {
    await node.kill();
    await node.startAgent();
  }
  busy.delete(victim);
}

/** Makes one change after the other, the same ones for the same numbers, and knows who is a member after them. */
function changes(
  world: FaultWorld,
  random: () => number,
): { change: () => Promise<void>; members: () => string[] } {
  const pods: { node: FaultNode; cluster: string; name: string; app: string }[] = [];
  const memberships = new Set<string>();
  let nPods = 0;
  const change = async () => {
    const cluster = pick(CLUSTERS, random);
    const node = pick(world.cluster(cluster).nodes, random);
    const [domain, app] = [pick(DOMAINS, random), pick(APPS, random)];
    const dice = random();
    if (dice < 0.4) {
      const pod = { node, cluster, app, name: `${app}-${(nPods += 1)}` };
      pods.push(pod);
      await world.addPod(node, pod);
    } else if (dice < 0.65 && pods.length > 0) {
      const [pod] = pods.splice(Math.floor(random() * pods.length), 1);
      await world.removePod(pod!.node, pod!);
    } else {
      const name = `${cluster} ${domain} ${app}`;
      if (memberships.delete(name)) await world.removeMembership(cluster, domain, app);
      else {
        memberships.add(name);
        await world.addMembership(cluster, domain, app);
      }
    }
  };
  const base = CLUSTERS.flatMap((cluster) =>
    world
      .cluster(cluster)
      .nodes.flatMap((node) => DOMAINS.map((domain) => `${domain}.${node.name} base-${node.name}`)),
  );
  const members = () =>
    pods
      .flatMap(({ node, cluster, name, app }) =>
        DOMAINS.filter((domain) => memberships.has(`${cluster} ${domain} ${app}`)).map(
          (domain) => `${domain}.${node.name} ${name}`,
        ),
      )
      .concat(base)
      .toSorted();
  return { change, members };
}

/** The state once nothing contradicts it and it stays so; where a state is given, once it is that. */
async function settled(
  world: FaultWorld,
  { members, like }: { members: readonly string[]; like: unknown },
): Promise<unknown> {
  let last: Awaited<ReturnType<typeof stateOf>> | undefined;
  await vi.waitFor(
    async () => {
      const before = last;
      last = await stateOf(world);
      expect(await contradictions(world)).toEqual([]);
      const found = Object.values(last).flatMap((cluster) =>
        Object.entries(cluster.members).flatMap(([slice, { members: pods }]) =>
          pods.map((pod) => `${slice} ${pod}`),
        ),
      );
      expect(found.toSorted()).toEqual(members);
      expect(last).toEqual(like ?? before);
    },
    { timeout: 240_000, interval: 1500 },
  );
  return last;
}

function pick<T>(choices: readonly T[], random: () => number): T {
  return choices[Math.floor(random() * choices.length)]!;
}
