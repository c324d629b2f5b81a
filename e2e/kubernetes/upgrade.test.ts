import { sampleIntent } from '@flatland/lab/sample/sample-domains';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takeDown } from '../clusters/down.ts';
import { giveFlatlandImage, giveImageOf, tagFlatlandImage } from '../clusters/flatland-image.ts';
import { installFlatland, uninstallFlatland } from '../clusters/flatland.ts';
import { given, settings } from '../clusters/given.ts';
import { CLUSTERS } from '../clusters/layout.ts';
import { bringUp, isUp } from '../clusters/up.ts';
import { expectNoneLost, type Flow } from './flows.ts';
import { eventually, membersOf, restartCounts, type TestMember } from './members.ts';
import { pings } from './red.ts';
import { apply, get } from './support.ts';
import { startTraffic, type Echoes } from './traffic.ts';

const [EAST, ONPREM] = CLUSTERS as [(typeof CLUSTERS)[number], (typeof CLUSTERS)[number]];
const wasUp = await isUp(settings.directory);
/** A checkout of the version before, with its dependencies; without one it is this version under another name. */
const CHECKOUT_BEFORE = process.env['FLATLAND_CHECKOUT_BEFORE'] || undefined;
const INTERVAL_MS = 100;
/** How long a forwarder that is replaced may carry nothing. */
const MAX_GAP_MS = 1000;

interface Pod {
  readonly metadata: { readonly uid: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly containers: readonly { readonly image: string }[] };
}

interface FlowBetween extends Flow {
  readonly to: TestMember;
}

describe('An upgrade of two real clusters', { timeout: 900_000 }, () => {
  let after: string;
  let flows: FlowBetween[];

  beforeAll(async () => {
    await bringUp(settings, console.log);
    const image = await giveFlatlandImage(settings.directory);
    after = await tagFlatlandImage(settings.directory, image, 'after');
    if (CHECKOUT_BEFORE === undefined)
      await installFlatland(given, { image: await tagFlatlandImage(settings.directory, image, 'before') });
    else
      await installFlatland(given, {
        image: await giveImageOf(CHECKOUT_BEFORE, settings.directory, 'before'),
        checkout: CHECKOUT_BEFORE,
      });
    for (const { name } of CLUSTERS) await apply(name, sampleIntent(name));
    flows = await eventually(acrossEveryNode);
    for (const { from, address } of flows) await eventually(() => pings(from, address));
  });

  afterAll(async () => {
    if (wasUp) await uninstallFlatland(given);
    else await takeDown(settings.directory);
  });

  test('replaces agents and controllers without a packet lost in either direction, and leaves forwarders alone', async () => {
    const counts = await restartCounts();
    const forwarders = await uidsOf('flatland-forwarder');
    const replaced = new Set([...(await uidsOf('flatland-agent')), ...(await uidsOf('flatland-controller'))]);
    const echoes = await whileSending(flows, async () => {
      const said = await installFlatland(given, { image: after });
      expect(said.match(/2 forwarders still run the version before/g)).toHaveLength(CLUSTERS.length);
    });
    for (const program of ['flatland-agent', 'flatland-controller']) {
      expect(await imagesOf(program)).toEqual([after]);
      for (const uid of await uidsOf(program)) expect(replaced).not.toContain(uid);
    }
    expect(await uidsOf('flatland-forwarder')).toEqual(forwarders);
    expectNoneLost(echoes);
    await expectSameMembers(flows, counts);
  });

  test('replaces forwarders with less than a second without packets on each node', async () => {
    const counts = await restartCounts();
    const replaced = new Set(await uidsOf('flatland-forwarder'));
    const echoes = await whileSending(flows, async () => {
      await installFlatland(given, { image: after, flags: ['--replace-forwarders'] });
    });
    expect(await imagesOf('flatland-forwarder')).toEqual([after]);
    for (const uid of await uidsOf('flatland-forwarder')) expect(replaced).not.toContain(uid);
    for (const { longestGapMs } of echoes) expect(longestGapMs).toBeLessThan(MAX_GAP_MS);
    await expectSameMembers(flows, counts);
  });
});

/** Between members of both clusters, in both directions, so that every node is an end of one. */
async function acrossEveryNode(): Promise<FlowBetween[]> {
  const members = await membersOf('red');
  const on = (node: string, app: string) => {
    const found = members.find((member) => member.node === node && member.pod.startsWith(`${app}-`));
    if (found === undefined) throw new Error(`${app} has no member on ${node}`);
    return found;
  };
  return EAST.nodes.flatMap((node, i) => {
    const ends = [on(node.name, 'frontend'), on(ONPREM.nodes[i]!.name, 'inventory')] as const;
    return [ends, ends.toReversed() as unknown as typeof ends].map(([from, to]) => ({
      from,
      to,
      address: to.addresses[0]!,
    }));
  });
}

async function whileSending(flows: readonly FlowBetween[], work: () => Promise<void>): Promise<Echoes[]> {
  const stops = await Promise.all(flows.map(({ from, address }) => startTraffic(from, address, INTERVAL_MS)));
  try {
    await work();
  } catch (error) {
    await Promise.all(stops.map((stop) => stop()));
    throw error;
  }
  const echoes = await Promise.all(stops.map((stop) => stop()));
  flows.forEach(({ from, to }, i) => {
    const { sent, lost, longestGapMs } = echoes[i]!;
    console.log(`${from.node} to ${to.node}: ${sent} sent, ${lost} lost, longest gap ${longestGapMs} ms`);
  });
  return echoes;
}

/** The pods that sent are members with the addresses that they had, and were not started again. */
async function expectSameMembers(
  flows: readonly FlowBetween[],
  counts: ReadonlyMap<string, number>,
): Promise<void> {
  const members = await membersOf('red');
  const restarts = await restartCounts();
  for (const { to } of flows) {
    expect(members.find(({ uid }) => uid === to.uid)?.addresses).toEqual(to.addresses);
    expect(restarts.get(to.uid)).toBe(counts.get(to.uid));
  }
}

async function podsOf(program: string): Promise<Pod[]> {
  const label = ['-l', `app.kubernetes.io/name=${program}`];
  const pods = await Promise.all(
    CLUSTERS.map(({ name }) => get<Pod>(name, 'pods', '-n', 'flatland-system', ...label)),
  );
  return pods.flat().filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

async function uidsOf(program: string): Promise<string[]> {
  return (await podsOf(program)).map(({ metadata }) => metadata.uid).toSorted();
}

async function imagesOf(program: string): Promise<string[]> {
  const pods = await podsOf(program);
  return [...new Set(pods.flatMap(({ spec }) => spec.containers.map(({ image }) => image)))].toSorted();
}
