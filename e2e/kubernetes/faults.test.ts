import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takeDown } from '../clusters/down.ts';
import { backUp, endProgram, rebootNode, restartProgram, restore, startProgram } from '../clusters/faults.ts';
import { uninstallFlatland } from '../clusters/flatland.ts';
import { given, settings } from '../clusters/given.ts';
import { CLUSTERS } from '../clusters/layout.ts';
import { kubectl } from '../clusters/sample.ts';
import { isUp } from '../clusters/up.ts';
import { between, expectNoneLost, withTraffic } from './flows.ts';
import { dropLateDomain, ends, lateDomain, makeLateDomain } from './late.ts';
import { eventually, membersOf, readyPods, restartCounts, type TestMember } from './members.ts';
import { growth, ourProcesses, type OurProcess } from './memory.ts';
import {
  expectSameCounts,
  frontends,
  inMember,
  memberLinks,
  membersStarting,
  reaches,
  replace,
  startRed,
  who,
} from './red.ts';
import { apply, get } from './support.ts';

const { directory } = settings;
const [EAST, ONPREM] = CLUSTERS as [(typeof CLUSTERS)[number], (typeof CLUSTERS)[number]];
const [NODE, OTHER_NODE] = EAST.nodes.map(({ name }) => name) as [string, string];
const wasUp = await isUp(directory);
const AT_WORK_MS = 20_000;
/** How long the API is away where that is what is tried. */
const AWAY_MS = process.env['FLATLAND_LONG'] === '1' ? 300_000 : 45_000;
/** Until our programs have seen that the API is away, and use as much memory as that takes. */
const SEEN_AWAY_MS = 15_000;
/** More than collecting garbage makes of the same work. */
const GROWTH_MIB = 32;

describe('Flatland where nodes and control planes fail', { timeout: 1_200_000 }, () => {
  beforeAll(startRed);

  afterAll(async () => {
    if (!wasUp) return takeDown(directory);
    await uninstallFlatland(given);
  });

  test.each(['kubelet', 'containerd'])(
    'a crash of a node’s %s costs no packet and restarts no pod, and pods that come after it are attached',
    async (program) => {
      const before = await restartCounts();
      const flows = await between((await frontends())[NODE]!, await membersStarting('frontend', 'inventory'));
      const echoes = await withTraffic(flows, async () => {
        await restartProgram(directory, NODE, program);
        await eventually(() => answers(flows[0]!.from));
        await sleep(AT_WORK_MS);
      });
      expectNoneLost(echoes);
      await expectSameCounts(before);
      await replace(flows[0]!.from);
    },
  );

  test('an API server that is away for a while costs no packet, no restart and no memory, and what is asked for after it is done', async () => {
    const before = await restartCounts();
    const from = (await frontends())[NODE]!;
    const flows = await between(from, await membersStarting('frontend', 'inventory'));
    let early: OurProcess[] = [];
    let late: OurProcess[] = [];
    const echoes = await withTraffic(flows, async () => {
      const ended = await endProgram(directory, EAST.control.name, 'kube-apiserver');
      try {
        await sleep(SEEN_AWAY_MS);
        early = await ourProcesses();
        await sleep(AWAY_MS - SEEN_AWAY_MS);
        late = await ourProcesses();
      } finally {
        await startProgram(directory, ended);
      }
      await eventually(() => kubectl(given, EAST.name, ['get', '--raw', '/readyz']));
      const startMs = performance.now();
      const passedMs = () => Math.round(performance.now() - startMs);
      const members = await makeLateDomain();
      const membersMs = passedMs();
      const [one, two] = ends(members);
      await eventually(() => reaches(one, two));
      console.log(
        `an API that was away for ${AWAY_MS / 1000} s: members of a new domain ${membersMs} ms after it was back, packets between clusters after ${passedMs()} ms`,
      );
    });
    expectNoneLost(echoes);
    console.log(`while it was away: ${growth(early, late)}`);
    expect(early.length).toBeGreaterThan(0);
    expect(late.map(({ node, pid }) => `${node} ${pid}`)).toEqual(
      early.map(({ node, pid }) => `${node} ${pid}`),
    );
    for (const [i, { residentMib }] of late.entries())
      expect(residentMib - early[i]!.residentMib, growth(early, late)).toBeLessThan(GROWTH_MIB);
    await expectSameCounts(before);
    await dropLateDomain();
    await replace(from);
  });

  test('a node that loses its power has the same members with the same addresses again, and the others lose nothing', async () => {
    const before = await restartCounts();
    const [stays, goes] = [(await frontends())[NODE]!, (await frontends())[OTHER_NODE]!];
    const onNode = (await membersOf('red')).filter(({ node }) => node === OTHER_NODE);
    const flows = await between(stays, await membersStarting('inventory'));
    const broken = await between(stays, [goes]);
    const echoes = await withTraffic([...flows, ...broken], async () => {
      await rebootNode(directory, OTHER_NODE);
      await eventually(async () => {
        const after = (await readyPods(EAST.name)).filter(({ spec }) => spec.nodeName === OTHER_NODE);
        const counts = await restartCounts();
        for (const { uid } of onNode) {
          expect(after.map(({ metadata }) => metadata.uid)).toContain(uid);
          expect(counts.get(uid)).toBeGreaterThan(before.get(uid)!);
        }
      });
      await eventually(() => reaches(stays, goes));
    });
    expectNoneLost(echoes.slice(0, flows.length));
    console.log(`a reboot: ${echoes.at(-1)!.longestGapMs} ms without an answer from that node`);
    const after = (await membersOf('red')).filter(({ node }) => node === OTHER_NODE);
    expect(after.map(who).toSorted()).toEqual(onNode.map(who).toSorted());
    expect(await memberLinks(OTHER_NODE)).toBe(after.length);
    await expectSameCounts(before, OTHER_NODE);
  });

  test('an API that is restored from a backup takes nobody out of a domain that is newer, and changes after it count', async () => {
    const before = await restartCounts();
    await backUp(directory, EAST.control.name);
    await eventually(() => kubectl(given, EAST.name, ['get', '--raw', '/readyz']));
    const late = await makeLateDomain();
    const [from] = ends(late);
    const flows = await between(
      from,
      late.filter(({ cluster }) => cluster === ONPREM.name),
    );
    const echoes = await withTraffic(flows, async () => {
      await restore(settings, EAST.control.name);
      for (const node of EAST.nodes) await restartProgram(directory, node.name, 'kubelet');
      await eventually(() => answers(from));
      expect((await get(EAST.name, 'domains')).map(nameOf)).not.toContain('late');
      // Agents have seen that: what is their own they tell again.
      await eventually(async () => {
        const members = (await membersOf('late')).filter(({ cluster }) => cluster === EAST.name);
        expect(members.map(who).toSorted()).toEqual(
          late
            .filter(({ cluster }) => cluster === EAST.name)
            .map(who)
            .toSorted(),
        );
      });
      await sleep(AT_WORK_MS);
      await apply(EAST.name, lateDomain(EAST.name));
      await sleep(AT_WORK_MS);
    });
    expectNoneLost(echoes);
    await expectSameCounts(before);
    await replace((await frontends())[NODE]!);
    await dropLateDomain();
  });
});

async function answers(member: TestMember): Promise<void> {
  await inMember(member, 'true');
}

function nameOf(object: unknown): string {
  return (object as { metadata: { name: string } }).metadata.name;
}
