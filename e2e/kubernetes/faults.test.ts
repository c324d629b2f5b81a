import { setTimeout as sleep } from 'node:timers/promises';
import { sampleIntent } from '@flatland/lab/sample/sample-domains';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takeDown } from '../clusters/down.ts';
import { backUp, rebootNode, restartProgram, restore } from '../clusters/faults.ts';
import { installFlatland, uninstallFlatland } from '../clusters/flatland.ts';
import { given, settings } from '../clusters/given.ts';
import { CLUSTERS } from '../clusters/layout.ts';
import { findMachine } from '../clusters/machine.ts';
import { kubectl, waitForSample } from '../clusters/sample.ts';
import { bringUp, isUp } from '../clusters/up.ts';
import { eventually, membersOf, readyPods, restartCounts, type Pod, type TestMember } from './members.ts';
import { apply, get, inPod } from './support.ts';
import { startTraffic, type Echoes } from './traffic.ts';

const { directory } = settings;
const [EAST, ONPREM] = CLUSTERS as [(typeof CLUSTERS)[number], (typeof CLUSTERS)[number]];
const [NODE, OTHER_NODE] = EAST.nodes.map(({ name }) => name) as [string, string];
const wasUp = await isUp(directory);
const AT_WORK_MS = 20_000;

describe('Flatland where nodes and control planes fail', { timeout: 900_000 }, () => {
  beforeAll(async () => {
    await bringUp(settings, console.log);
    await installFlatland(given);
    for (const { name } of CLUSTERS) await apply(name, sampleIntent(name));
    await eventually(settled);
  });

  afterAll(async () => {
    if (!wasUp) return takeDown(directory);
    await uninstallFlatland(given);
  });

  test('a crash of a node’s kubelet costs no packet and restarts no pod, and pods that come after it are attached', async () => {
    const before = await restartCounts();
    const flows = await between((await frontends())[NODE]!, await frontendsAndInventory());
    const echoes = await withTraffic(flows, async () => {
      await restartProgram(directory, NODE, 'kubelet');
      await eventually(() => answers(flows[0]!.from));
      await sleep(AT_WORK_MS);
    });
    expectNoneLost(echoes);
    await expectSameCounts(before);
    await replace(flows[0]!.from);
  });

  test('a node that loses its power has the same members with the same addresses again, and the others lose nothing', async () => {
    const before = await restartCounts();
    const [stays, goes] = [(await frontends())[NODE]!, (await frontends())[OTHER_NODE]!];
    const onNode = (await membersOf('red')).filter(({ node }) => node === OTHER_NODE);
    const flows = await between(
      stays,
      (await membersOf('red')).filter(({ pod }) => pod.startsWith('inventory-')),
    );
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
    for (const { name } of CLUSTERS) await apply(name, lateDomain(name));
    const late = await eventually(async () => {
      const members = (await membersOf('late')).filter(({ addresses }) => addresses.length === 2);
      expect(new Set(members.map(({ cluster }) => cluster)).size).toBe(2);
      return members;
    });
    const from = late.find(({ cluster }) => cluster === EAST.name)!;
    const to = late.filter(({ cluster }) => cluster === ONPREM.name);
    const flows = await between(from, to);
    for (const flow of flows) await eventually(() => pings(flow.from, flow.address));
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
    for (const { name } of CLUSTERS) {
      await kubectl(given, name, ['delete', 'memberships', '-n', 'shop', '-l', 'test=late']);
      await kubectl(given, name, ['delete', 'domain', 'late']);
    }
    await eventually(async () => expect(await membersOf('late')).toEqual([]));
  });
});

interface Flow {
  readonly from: TestMember;
  readonly address: string;
}

/** From a member to each address of the others. */
async function between(from: TestMember, others: readonly TestMember[]): Promise<Flow[]> {
  const flows = others
    .filter(({ uid }) => uid !== from.uid)
    .flatMap(({ addresses }) => addresses.map((address) => ({ from, address })));
  expect(flows).not.toEqual([]);
  for (const { address } of flows) await eventually(() => pings(from, address));
  return flows;
}

async function withTraffic(flows: readonly Flow[], work: () => Promise<void>): Promise<Echoes[]> {
  const running = await Promise.all(flows.map(({ from, address }) => startTraffic(from, address)));
  await work();
  return Promise.all(running.map((stop) => stop()));
}

function expectNoneLost(echoes: readonly Echoes[]): void {
  console.log(JSON.stringify(echoes));
  for (const { sent, lost } of echoes) {
    expect(sent).toBeGreaterThan(50);
    expect(lost).toBe(0);
  }
}

/** The sample's members of red are all there and their pods ready, on every node its own links and no other. */
async function settled(): Promise<void> {
  for (const { name } of CLUSTERS) await waitForSample(given, name);
  const members = await membersOf('red');
  const wanted = (await Promise.all(CLUSTERS.map(({ name }) => readyPods(name))))
    .flat()
    .filter(({ metadata }) => APPS.some((app) => metadata.name.startsWith(`${app}-`)));
  expect(members.map(({ uid }) => uid).toSorted()).toEqual(
    wanted.map(({ metadata }) => metadata.uid).toSorted(),
  );
  for (const node of CLUSTERS.flatMap(({ nodes }) => nodes))
    expect(await memberLinks(node.name)).toBe(members.filter((member) => member.node === node.name).length);
}

/** The sample's workloads in the domain red. */
const APPS = ['frontend', 'cart', 'istiod', 'inventory', 'reporting'];

/** How many members a node's router of red has a link to. */
async function memberLinks(node: string): Promise<number> {
  const machine = await findMachine(directory, node);
  const links = await machine.run(['ip', '-n', 'fl-red', '-o', 'link', 'show', 'type', 'veth']);
  return links.split('\n').filter((line) => line !== '').length;
}

/** The frontend's members, by node. */
async function frontends(): Promise<Record<string, TestMember>> {
  const members = (await membersOf('red')).filter(({ pod }) => pod.startsWith('frontend-'));
  return Object.fromEntries(members.map((member) => [member.node, member]));
}

async function frontendsAndInventory(): Promise<TestMember[]> {
  return (await membersOf('red')).filter(({ pod }) => /^(frontend|inventory)-/.test(pod));
}

function who({ uid, addresses }: TestMember): string {
  return `${uid} ${addresses.toSorted().join(' ')}`;
}

async function answers({ cluster, namespace, pod }: TestMember): Promise<void> {
  await inPod(cluster, { namespace, name: pod }, 'true');
}

async function pings({ cluster, namespace, pod }: TestMember, address: string): Promise<void> {
  await inPod(cluster, { namespace, name: pod }, `ping -c 1 -W 2 ${address}`);
}

async function reaches(from: TestMember, to: TestMember): Promise<void> {
  for (const address of to.addresses) await pings(from, address);
}

/** Deletes a pod, waits for the one in its place to be a member on the same node, and for packets in both directions. */
async function replace(member: TestMember): Promise<void> {
  await kubectl(given, member.cluster, ['-n', member.namespace, 'delete', 'pod', member.pod]);
  const next = await eventually(async () => {
    const found = (await frontends())[member.node];
    if (found === undefined || found.uid === member.uid) throw new Error(`nobody is there for ${member.pod}`);
    return found;
  });
  await eventually(settled);
  const inventory = (await membersOf('red')).find(({ pod }) => pod.startsWith('inventory-'))!;
  await eventually(() => reaches(next, inventory));
  await eventually(() => reaches(inventory, next));
}

/** No pod that is still there was started again, but on a node that may. */
async function expectSameCounts(before: ReadonlyMap<string, number>, except?: string): Promise<void> {
  const after = await restartCounts();
  const pods = (await Promise.all(CLUSTERS.map(({ name }) => get<Pod>(name, 'pods', '-A')))).flat();
  for (const { metadata, spec } of pods.filter(({ spec: { nodeName } }) => nodeName !== except))
    if (before.has(metadata.uid))
      expect(`${spec.nodeName} ${metadata.name} ${after.get(metadata.uid)}`).toBe(
        `${spec.nodeName} ${metadata.name} ${before.get(metadata.uid)}`,
      );
}

/** A domain of the sample's shop that is like red, and its memberships. */
function lateDomain(cluster: string): object[] {
  const objects = sampleIntent(cluster).filter(
    ({ kind, metadata }) =>
      (kind === 'Domain' && metadata.name === 'red') ||
      (kind === 'Membership' && metadata.name.startsWith('red.') && metadata.namespace === 'shop'),
  );
  const text = JSON.stringify(objects)
    .replaceAll(/"red(\.[a-z.]+)?"/g, '"late$1"')
    .replaceAll('10.81.', '10.91.')
    .replaceAll('fd00:81:', 'fd00:91:');
  return (JSON.parse(text) as { metadata: { labels: object } }[]).map((object) => ({
    ...object,
    metadata: { ...object.metadata, labels: { ...object.metadata.labels, test: 'late' } },
  }));
}

function nameOf(object: unknown): string {
  return (object as { metadata: { name: string } }).metadata.name;
}
