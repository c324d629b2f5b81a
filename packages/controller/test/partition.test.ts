import { systemClock } from '@flatland/kube/client/clock';
import type { Clock } from '@flatland/kube/client/clock';
import { ClusterLink, Domain, MemberSlice, NodePeer, RemoteSlice } from '@flatland/kube/client/resources';
import type { Condition } from '@flatland/shared/model/kubernetes-object';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { domainOf, memberSliceOf, nodePeerOf } from '../src/testing/objects.ts';
import { TestCluster } from './test-cluster.ts';

let east: TestCluster;
let west: TestCluster;

beforeAll(async () => {
  [east, west] = await Promise.all([TestCluster.start('east', ['e1']), TestCluster.start('west', ['w1'])]);
}, 60_000);
afterAll(async () => {
  for (const cluster of [east, west]) await cluster?.[Symbol.asyncDispose]();
});

/** The machine's clock without any timer of more than five seconds: nothing is looked at just because it is time to. */
const withoutReviews: Clock = {
  nowMs: () => systemClock.nowMs(),
  after: (delayMs, action) => (delayMs > 5000 ? () => {} : systemClock.after(delayMs, action)),
};

async function linkReady(): Promise<string> {
  const link = (await east.get(ClusterLink, 'west')) as { status?: { conditions?: Condition[] } } | undefined;
  const condition = link?.status?.conditions?.find(({ type }) => type === 'Ready');
  return `${condition?.status} ${condition?.reason}`;
}

test('R-12: a cluster that comes back is told to be ready because it is back, though nothing in it changed', async () => {
  for (const cluster of [east, west]) await cluster.apply(Domain, domainOf('red', ['east', 'west']));
  await west.apply(NodePeer, nodePeerOf('red', 'w1', ['10.81.16.0/28']));
  await using way = await east.linkByProxy(west);
  await east.startController(withoutReviews);
  await east.until(async () => expect(await linkReady()).toBe('True ready'));

  for (let n = 0; n < 2; n += 1) {
    way.cut('reset');
    await east.until(async () => expect(await linkReady()).toBe('False cluster-unreachable'));
    await west.apply(MemberSlice, memberSliceOf('red', 'w1', ['10.81.16.2']));
    way.heal();
    await east.until(async () => expect(await linkReady()).toBe('True ready'));
  }
  await east.until(async () =>
    expect(JSON.stringify(await east.get(RemoteSlice, 'west.red'))).toContain('10.81.16.2'),
  );
}, 200_000);
