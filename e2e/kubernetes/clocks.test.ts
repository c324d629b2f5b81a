import { setTimeout as sleep } from 'node:timers/promises';
import { SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { followClocks, leaveClocks, prepareClock, setClock } from '../clusters/clocks.ts';
import { takeDown } from '../clusters/down.ts';
import { uninstallFlatland } from '../clusters/flatland.ts';
import { given, settings } from '../clusters/given.ts';
import { CLUSTERS } from '../clusters/layout.ts';
import { kubectl } from '../clusters/sample.ts';
import { isUp } from '../clusters/up.ts';
import { between, expectNoneLost, withTraffic, type Flow } from './flows.ts';
import { dropLateDomain, ends, makeLateDomain } from './late.ts';
import { eventually, readyPods, restartCounts, type Pod } from './members.ts';
import { expectSameCounts, frontends, membersStarting, reaches, replace, startRed } from './red.ts';
import { get } from './support.ts';

const { directory } = settings;
const [EAST] = CLUSTERS as [(typeof CLUSTERS)[number]];
const NODES = EAST.nodes.map(({ name }) => name) as [string, string];
const [NODE] = NODES;
const wasUp = await isUp(directory);
const DAY_SECONDS = 86_400;
/** Longer than keys live until they are renewed, whoever began (WireGuard §6.1, Rekey-After-Time). */
const RENEWAL_SECONDS = 135;
/**
 * How long a node whose programs are all deleted may carry nothing, until Kubernetes has started others: less than a peer
 * waits for an answer before it makes new keys itself (WireGuard §6.2, Keepalive-Timeout + Rekey-Timeout, 15 s).
 */
const MAX_GAP_MS = 12_000;
const AT_WORK_MS = 20_000;

describe('Flatland where clocks of nodes are wrong', { timeout: 1_200_000 }, () => {
  beforeAll(async () => {
    await startRed();
    for (const node of NODES) await prepareClock(directory, node);
    await followClocks(given, EAST.name);
  });

  afterAll(async () => {
    if (!wasUp) return takeDown(directory);
    await leaveClocks(given, EAST.name);
    await uninstallFlatland(given);
  });

  // The second is two days behind what the node told its peers with the same key.
  test.each([
    ['a day ahead', DAY_SECONDS],
    ['then a day behind', -DAY_SECONDS],
  ])(
    'a node whose programs start with a clock that is %s has its tunnels back in seconds, and all is done there',
    async (_, aheadSeconds) => {
      const before = await restartCounts();
      const echoes = await withTraffic(await flowsOfBothNodes(), async () => {
        await setClock(directory, NODE, aheadSeconds);
        await startAnew(aheadSeconds);
        await sleep(AT_WORK_MS);
      });
      console.log(JSON.stringify(echoes));
      for (const { longestGapMs } of echoes) expect(longestGapMs).toBeLessThan(MAX_GAP_MS);
      await expectSameCounts(before);
      await expectWorks();
    },
  );

  test('clocks that go back a minute each second cost no packet, over a renewal of keys, and all is done meanwhile', async () => {
    const before = await restartCounts();
    const echoes = await withTraffic(await flowsOfBothNodes(), async () => {
      const late = makeLateDomain();
      for (let second = 0; second < RENEWAL_SECONDS; second++) {
        for (const node of NODES) await setClock(directory, node, -60 * second);
        await sleep(1000);
      }
      const [one, two] = ends(await late);
      await reaches(one, two);
    });
    expectNoneLost(echoes);
    await dropLateDomain();
    await expectSameCounts(before);
    await expectWorks();
  });
});

/** From a member of each of the nodes to the other, and to members of the other cluster. */
async function flowsOfBothNodes(): Promise<Flow[]> {
  const others = await membersStarting('frontend', 'inventory');
  const own = await frontends();
  return (await Promise.all(NODES.map((node) => between(own[node]!, others)))).flat();
}

/** Has all programs of the first node start anew, and looks at what time they see. */
async function startAnew(aheadSeconds: number): Promise<void> {
  const before = await programsOfNode();
  expect(before.length).toBeGreaterThanOrEqual(2);
  const names = before.map(({ metadata: { name } }) => name);
  await kubectl(given, EAST.name, ['-n', SYSTEM_NAMESPACE, 'delete', 'pods', ...names]);
  const started = await eventually(async () => {
    const ready = new Set((await readyPods(EAST.name)).map(({ metadata }) => metadata.uid));
    const after = await programsOfNode();
    expect(after.length).toBeGreaterThanOrEqual(2);
    for (const { metadata } of after) expect(names).not.toContain(metadata.name);
    for (const { metadata } of after) expect(ready).toContain(metadata.uid);
    return after;
  });
  for (const { metadata } of started) {
    const log = await kubectl(given, EAST.name, ['-n', SYSTEM_NAMESPACE, 'logs', metadata.name]);
    const saidMs = Number(/"time":(\d+)/.exec(log)?.[1]);
    expect(Math.abs(saidMs - aheadSeconds * 1000 - Date.now())).toBeLessThan(300_000);
  }
}

async function programsOfNode(): Promise<Pod[]> {
  return (await get<Pod>(EAST.name, 'pods', '-n', SYSTEM_NAMESPACE)).filter(
    ({ spec }) => spec.nodeName === NODE,
  );
}

/** Pods that come are members and reach, on each node; a domain that is asked for spans the clusters, and goes. */
async function expectWorks(): Promise<void> {
  for (const frontend of Object.values(await frontends())) await replace(frontend);
  const [one, two] = ends(await makeLateDomain());
  await eventually(() => reaches(one, two));
  await dropLateDomain();
}
