import { sampleIntent } from '@flatland/lab/sample/sample-domains';
import { expect } from 'vitest';
import { given } from '../clusters/given.ts';
import { CLUSTERS } from '../clusters/layout.ts';
import { kubectl } from '../clusters/sample.ts';
import { eventually, membersOf, type TestMember } from './members.ts';
import { apply } from './support.ts';

const [EAST, ONPREM] = CLUSTERS as [(typeof CLUSTERS)[number], (typeof CLUSTERS)[number]];

/** The members of the late domain, once there are some with all their addresses in both clusters. */
async function lateMembers(): Promise<TestMember[]> {
  const members = (await membersOf('late')).filter(({ addresses }) => addresses.length === 2);
  expect(new Set(members.map(({ cluster }) => cluster)).size).toBe(2);
  return members;
}

/** Makes the late domain in both clusters, and gives its members. */
export async function makeLateDomain(): Promise<TestMember[]> {
  for (const { name } of CLUSTERS) await apply(name, lateDomain(name));
  return eventually(lateMembers);
}

/** A member of each cluster. */
export function ends(members: readonly TestMember[]): [TestMember, TestMember] {
  const of = (cluster: string) => members.find((member) => member.cluster === cluster)!;
  return [of(EAST.name), of(ONPREM.name)];
}

/** A domain of the sample's shop that is like red, and its memberships. */
export function lateDomain(cluster: string): object[] {
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

/** Takes the late domain away, and waits until it has no member. */
export async function dropLateDomain(): Promise<void> {
  for (const { name } of CLUSTERS) {
    await kubectl(given, name, ['delete', 'memberships', '-n', 'shop', '-l', 'test=late']);
    await kubectl(given, name, ['delete', 'domain', 'late']);
  }
  await eventually(async () => expect(await membersOf('late')).toEqual([]));
}
