import { seededRandom } from '@flatland/dataplane/io/memory/seeded-random';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { takeDown } from '../clusters/down.ts';
import { uninstallFlatland } from '../clusters/flatland.ts';
import { given, settings } from '../clusters/given.ts';
import { CLUSTERS } from '../clusters/layout.ts';
import { kubectl } from '../clusters/sample.ts';
import { isUp } from '../clusters/up.ts';
import { churn } from './churn.ts';
import { openClients } from './clients.ts';
import { CROWD, crowdMembership, crowdWorkload } from './crowd.ts';
import { between, expectNoneLost, withTraffic } from './flows.ts';
import { eventually, membersOf, type TestMember } from './members.ts';
import { ourProcesses } from './memory.ts';
import { watchOwners, type OwnersWatch } from './owners.ts';
import { frontends, inMember, memberLinks, membersStarting, reaches, settled, startRed, who } from './red.ts';
import { apply, routerOf } from './support.ts';
import { tracesOnNodes } from './traces.ts';

const [EAST] = CLUSTERS as [(typeof CLUSTERS)[number]];
const [NODE, OTHER_NODE] = EAST.nodes.map(({ name }) => name) as [string, string];
const wasUp = await isUp(settings.directory);
/** How many pods come and go, and how many are asked for in a second. */
const N_CHURN = Number(process.env['FLATLAND_CHURN_PODS'] ?? 100);
const CHURN_PER_SECOND = 20;
/** How many of them there are at a time: nodes start all pods at once that they have, and then stand still. */
const N_AT_ONCE = Number(process.env['FLATLAND_CHURN_AT_ONCE'] ?? 16);
/** How many pods are in one domain at a time, over both clusters. */
const N_MEMBERS = Number(process.env['FLATLAND_MEMBERS'] ?? 200);
const N_PAIRS = 20;
const LONG_MS = 900_000;

describe('Flatland while pods come and go', { timeout: 2_400_000 }, () => {
  let clients: ReadonlyMap<string, KubeClient>;
  let owners: OwnersWatch;

  beforeAll(async () => {
    await startRed();
    clients = await openClients();
    owners = await watchOwners('red', clients);
  });

  afterEach(dropCrowd, LONG_MS);

  afterAll(async () => {
    owners?.stop();
    for (const client of clients?.values() ?? []) await client.close();
    if (!wasUp) return takeDown(settings.directory);
    await uninstallFlatland(given);
  });

  test('a node that is drained has its members elsewhere by their names, with addresses that nobody had, and costs the others no packet', async () => {
    await apply(EAST.name, [
      ...crowdWorkload('Deployment', 'crowd', 4),
      ...crowdWorkload('StatefulSet', 'steady', 2),
    ]);
    const placed = await eventually(async () => {
      await settled(['crowd', 'steady']);
      const members = await membersStarting('crowd', 'steady');
      expect(members.length).toBe(6);
      expect(members.filter(({ node }) => node === OTHER_NODE).length).toBe(3);
      return members;
    });
    const [moves, remains] = [OTHER_NODE, NODE].map((where) =>
      placed.filter(({ node }) => node === where),
    ) as [TestMember[], TestMember[]];
    const all = await membersOf('red');
    const gone = all.filter(({ node }) => node === OTHER_NODE);
    const [remote] = await membersStarting('inventory');
    const flows = [
      ...(await between((await frontends())[NODE]!, [...remains, ...(await membersStarting('inventory'))])),
      ...(await between(remote!, remains)),
    ];
    const echoes = await withTraffic(flows, async () => {
      const startMs = performance.now();
      try {
        await kubectl(given, EAST.name, DRAIN);
        const moved = await eventually(async () => {
          const members = await membersStarting('crowd', 'steady');
          expect(members.map(({ node }) => node)).toEqual(placed.map(() => NODE));
          expect(await memberLinks(OTHER_NODE)).toBe(0);
          return members.filter(({ uid }) => placed.every((member) => member.uid !== uid));
        });
        console.log(`a drain: all members elsewhere after ${Math.round(performance.now() - startMs)} ms`);
        expect(moved.length).toBe(moves.length);
        for (const member of moved) await eventually(() => reaches(remote!, member));
        // The name is what survives.
        const steady = moved.find(({ pod }) => pod.startsWith('steady-'))!;
        const before = placed.find(({ pod }) => pod === steady.pod)!;
        expect(steady.dnsNames).toEqual(before.dnsNames);
        const asked = [steady.dnsNames[0]!, 'crowd.shop.red.flatland'];
        const crowd = (await membersStarting('crowd')).flatMap(({ addresses }) => addresses);
        for (const [i, wanted] of [steady.addresses, crowd].entries())
          await eventually(async () =>
            expect(await addressesOf(remote!, asked[i]!)).toEqual(wanted.toSorted()),
          );
      } finally {
        await kubectl(given, EAST.name, ['uncordon', OTHER_NODE]);
      }
      await eventually(() => settled(['crowd', 'steady']));
    });
    expectNoneLost(echoes);
    const after = await membersOf('red');
    const stayed = all.filter(({ node }) => node !== OTHER_NODE);
    expect(after.map(who)).toEqual(expect.arrayContaining(stayed.map(who)));
    const released = new Set(gone.flatMap(({ addresses }) => addresses));
    expect(after.flatMap(({ addresses }) => addresses).filter((address) => released.has(address))).toEqual(
      [],
    );
    await eventually(async () => reaches(remote!, (await frontends())[OTHER_NODE]!));
    expect(owners.faults).toEqual([]);
  });

  test('pods that come and go many at a time have addresses of their own, cost no packet, and leave nothing', async () => {
    const traces = await tracesOnNodes();
    const flows = await between((await frontends())[NODE]!, await membersStarting('frontend', 'inventory'));
    const { joined, left } = owners.counts();
    const echoes = await withTraffic(flows, async () => {
      for (const { name } of CLUSTERS) await apply(name, [crowdMembership()]);
      const tookMs = await churn(clients, {
        nPods: N_CHURN,
        perSecond: CHURN_PER_SECOND,
        nAtOnce: N_AT_ONCE,
        members: () => owners.members(),
      });
      await eventually(() => settled(['crowd']), LONG_MS);
      const now = owners.counts();
      const rate = (n: number) => `${n}, ${((n * 1000) / tookMs).toFixed(1)} a second`;
      console.log(
        `of ${rate(N_CHURN)} pods that came and went there were members: ${rate(now.joined - joined)}; ${now.left - left} left`,
      );
      expect(now.joined - joined).toBeGreaterThan(N_CHURN / 2);
      expect(now.left - left).toBe(now.joined - joined);
      await eventually(async () => expect(await tracesOnNodes()).toEqual(traces));
    });
    expectNoneLost(echoes);
    expect(owners.faults).toEqual([]);
  });

  test(`${N_MEMBERS} members of one domain over both clusters have names and reach each other`, async () => {
    const seed = Number(process.env['FLATLAND_SEED'] ?? Math.floor(Math.random() * 2 ** 32));
    const { number } = seededRandom(seed);
    const any = <T>(items: readonly T[]) => items[Math.floor(number() * items.length)]!;
    const traces = await tracesOnNodes();
    const nBefore = owners.members().size;
    const startMs = performance.now();
    const passed = () => `${((performance.now() - startMs) / 1000).toFixed(1)} s`;
    for (let n = N_AT_ONCE; n < N_MEMBERS + N_AT_ONCE; n += N_AT_ONCE) {
      const wanted = Math.min(n, N_MEMBERS);
      for (const [i, { name }] of CLUSTERS.entries())
        await apply(name, crowdWorkload('Deployment', 'crowd', Math.floor((wanted + i) / CLUSTERS.length)));
      await eventually(() => expect(owners.members().size).toBe(nBefore + wanted), LONG_MS);
    }
    console.log(`${N_MEMBERS} pods and members in ${passed()}; seed ${seed}`);
    const crowd = await membersStarting('crowd');
    const perCluster = CLUSTERS.map(({ name }) => crowd.filter(({ cluster }) => cluster === name));
    const pairs = Array.from({ length: N_PAIRS }, () => [any(crowd), any(crowd)] as const);
    for (const [from, to] of pairs)
      await eventually(async () =>
        expect(await addressesOf(from, to.dnsNames[0]!)).toEqual(to.addresses.toSorted()),
      );
    console.log(`their names answer after ${passed()}`);
    for (const [from, to] of [...pairs, [any(perCluster[0]!), any(perCluster[1]!)] as const])
      await eventually(() => reaches(from, to));
    console.log(`they reach each other after ${passed()}`);
    const memory = (await ourProcesses()).map(
      ({ node, program, residentMib }) => `${node} ${program} ${residentMib} MiB`,
    );
    console.log(memory.join('; '));
    await eventually(() => settled(['crowd']));
    await dropCrowd();
    await eventually(async () => expect(await tracesOnNodes()).toEqual(traces), LONG_MS);
    console.log(`all are gone after ${passed()}`);
    expect(owners.faults).toEqual([]);
  });
});

const DRAIN = ['drain', OTHER_NODE, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=200s'];

/** What a domain's router on a member's node answers for a name, sorted. */
async function addressesOf(from: TestMember, name: string): Promise<string[]> {
  const router = await routerOf(from.cluster, 'red', { spec: { nodeName: from.node } });
  const answer = await inMember(from, `nslookup ${name} ${router}`);
  const said = answer.slice(answer.indexOf('Name:'));
  return [...said.matchAll(/^Address: *(\S+)$/gm)].map(([, address]) => address!).toSorted();
}

/** Takes the crowd away and waits until the domain is as it was. */
async function dropCrowd(): Promise<void> {
  for (const { name } of CLUSTERS) {
    const drop = (kinds: string, label: string) =>
      kubectl(given, name, [
        '-n',
        'shop',
        'delete',
        kinds,
        '-l',
        label,
        '--ignore-not-found',
        '--wait=false',
      ]);
    await drop('deployments,statefulsets', CROWD);
    await drop('pods', 'app=crowd');
    await drop('memberships', CROWD);
  }
  await eventually(() => settled(), LONG_MS);
}
