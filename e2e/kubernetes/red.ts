import { sampleIntent } from '@flatland/lab/sample/sample-domains';
import { expect } from 'vitest';
import { installFlatland } from '../clusters/flatland.ts';
import { given, settings } from '../clusters/given.ts';
import { CLUSTERS } from '../clusters/layout.ts';
import { findMachine } from '../clusters/machine.ts';
import { kubectl, waitForSample } from '../clusters/sample.ts';
import { bringUp } from '../clusters/up.ts';
import {
  eventually,
  membersOf,
  podsOfClusters,
  readyPods,
  restartCounts,
  type TestMember,
} from './members.ts';
import { apply, inPod } from './support.ts';

/** The sample's workloads in the domain red. */
const APPS = ['frontend', 'cart', 'istiod', 'inventory', 'reporting'];

/** Brings the clusters up with Flatland and the sample's domains, and waits until all members are. */
export async function startRed(): Promise<void> {
  await bringUp(settings, console.log);
  await installFlatland(given);
  for (const { name } of CLUSTERS) await apply(name, sampleIntent(name));
  await eventually(() => settled());
}

/**
 * The domain red has as members the sample's pods and those of `more` workloads, all of them ready, and nobody else; on
 * every node are their links and no other.
 */
export async function settled(more: readonly string[] = []): Promise<void> {
  for (const { name } of CLUSTERS) await waitForSample(given, name);
  const apps = [...APPS, ...more];
  const members = await membersOf('red');
  const wanted = (await Promise.all(CLUSTERS.map(({ name }) => readyPods(name))))
    .flat()
    .filter(({ metadata }) => apps.some((app) => metadata.name.startsWith(`${app}-`)));
  expect(members.map(({ uid }) => uid).toSorted()).toEqual(
    wanted.map(({ metadata }) => metadata.uid).toSorted(),
  );
  for (const node of CLUSTERS.flatMap(({ nodes }) => nodes))
    expect(await memberLinks(node.name)).toBe(members.filter((member) => member.node === node.name).length);
}

/** How many members a node's router of red has a link to. */
export async function memberLinks(node: string): Promise<number> {
  const machine = await findMachine(settings.directory, node);
  const links = await machine.run(['ip', '-n', 'fl-red', '-o', 'link', 'show', 'type', 'veth']);
  return links.split('\n').filter((line) => line !== '').length;
}

/** The frontend's members, by node. */
export async function frontends(): Promise<Record<string, TestMember>> {
  const members = await membersStarting('frontend');
  return Object.fromEntries(members.map((member) => [member.node, member]));
}

/** Members of red whose pods' names start so. */
export async function membersStarting(...apps: readonly string[]): Promise<TestMember[]> {
  return (await membersOf('red')).filter(({ pod }) => apps.some((app) => pod.startsWith(`${app}-`)));
}

/** A pod with its addresses, to compare. */
export function who({ uid, addresses }: TestMember): string {
  return `${uid} ${addresses.toSorted().join(' ')}`;
}

/** Runs a command in a member's pod. */
export function inMember({ cluster, namespace, pod }: TestMember, command: string): Promise<string> {
  return inPod(cluster, { namespace, name: pod }, command);
}

/** Throws where an address does not answer a member within two seconds. */
export async function pings(from: TestMember, address: string): Promise<void> {
  await inMember(from, `ping -c 1 -W 2 ${address}`);
}

/** Throws where a member does not reach another at each of its addresses. */
export async function reaches(from: TestMember, to: TestMember): Promise<void> {
  for (const address of to.addresses) await pings(from, address);
}

/** Deletes a frontend, waits for the one in its place to be a member on the same node, and for packets in both directions. */
export async function replace(member: TestMember): Promise<void> {
  await kubectl(given, member.cluster, ['-n', member.namespace, 'delete', 'pod', member.pod]);
  const next = await eventually(async () => {
    const found = (await frontends())[member.node];
    if (found === undefined || found.uid === member.uid) throw new Error(`nobody is there for ${member.pod}`);
    return found;
  });
  await eventually(() => settled());
  const [inventory] = await membersStarting('inventory');
  await eventually(() => reaches(next, inventory!));
  await eventually(() => reaches(inventory!, next));
}

/** No pod that is still there was started again, but on a node that may. */
export async function expectSameCounts(before: ReadonlyMap<string, number>, except?: string): Promise<void> {
  const after = await restartCounts();
  for (const { metadata, spec } of await podsOfClusters())
    if (before.has(metadata.uid) && spec.nodeName !== except)
      expect(`${spec.nodeName} ${metadata.name} ${after.get(metadata.uid)}`).toBe(
        `${spec.nodeName} ${metadata.name} ${before.get(metadata.uid)}`,
      );
}
