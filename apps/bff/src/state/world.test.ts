import type { NodeReport, PeerReport } from '@flatland/shared/report/report';
import { SAMPLE_WORLD } from '@flatland/shared/testing/sample-world';
import { snapshotOf } from '@flatland/shared/testing/world';
import { expect, test } from 'vitest';
import { ReportStore } from './report-store.ts';
import { WorldKeeper, type World } from './world.ts';

const FROM = { workload: 'aws-east/shop/Deployment/cart' };
const TO = { workload: 'onprem-fra/shop/Deployment/inventory', instance: 'inventory-0' };

/** A keeper of the sample's world, with reports. */
function keep() {
  const rebuilt: World[] = [];
  const patches: unknown[] = [];
  const snapshot = snapshotOf(SAMPLE_WORLD);
  const reports = new ReportStore({ passOn: () => undefined, onTunnels: () => keeper.changed() });
  const keeper = new WorldKeeper({
    snapshot: () => snapshot,
    tunnels: () => reports.tunnels(),
    nowMs: () => performance.now(),
    onRebuilt: (world, patch) => {
      rebuilt.push(world);
      patches.push(patch);
    },
    gatherMs: 1,
  });
  const stop = () => {
    keeper.stop();
    reports.stop();
  };
  return { keeper, reports, rebuilt, patches, stop };
}

test('a tunnel that an agent reports down makes the verdict unknown, until it is up again', async () => {
  const { keeper, reports, rebuilt, patches, stop } = keep();
  const answer = () => keeper.current().reachability.verdict(FROM, TO).answer;
  const before = keeper.current().topology;
  expect(answer()).toBe('yes');
  reports.put(reportOf({ up: false }));
  await expect.poll(answer).toBe('unknown');
  expect(keeper.current().reachability.verdict(FROM, TO)).toMatchObject({
    reason: 'tunnel-down',
    detail: expect.stringContaining('onprem-fra/onprem-fra-0'),
  });
  reports.put(reportOf({ up: true }));
  await expect.poll(answer).toBe('yes');
  expect([rebuilt.length, patches]).toEqual([2, [undefined, undefined]]);
  expect(keeper.current().topology).toBe(before);
  stop();
});

test('a report with other numbers and the same ways changes nothing', async () => {
  const { keeper, reports, rebuilt, stop } = keep();
  reports.put(reportOf({ up: true }));
  await expect.poll(() => rebuilt.length).toBe(1);
  const world = keeper.current();
  reports.put(reportOf({ up: true, rxBytes: 5000, rttMs: 3 }));
  expect(keeper.rebuild()).toBe(world);
  stop();
});

test('a node that is gone has no say in the ways between others', async () => {
  const { keeper, reports, stop } = keep();
  const answer = () => keeper.current().reachability.verdict(FROM, TO).answer;
  reports.put(reportOf({ up: false }));
  await expect.poll(answer).toBe('unknown');
  reports.keepOnly({});
  await expect.poll(answer).toBe('yes');
  stop();
});

/** What the node of `cart` says of the node of `inventory-0`, and that it reaches every other. */
function reportOf(peer: Partial<PeerReport>): NodeReport {
  const nodes = ['onprem-fra/onprem-fra-0', 'onprem-fra/onprem-fra-1', 'aws-east/aws-east-1'];
  return {
    cluster: 'aws-east',
    node: 'aws-east-0',
    datapath: 'kernel',
    atMs: 0,
    startedAtMs: 0,
    domains: ['red', 'green'].map((domain) => ({
      domain,
      conditions: [],
      flows: [],
      drops: {},
      peers: nodes.map((id, index) => {
        const [cluster, node] = id.split('/');
        const up = {
          up: true,
          path: 'direct',
          publicKey: '',
          endpoint: '',
          mtuBytes: 1420,
          rxBytes: 0,
          txBytes: 0,
        };
        return { cluster, node, ...up, ...(index === 0 && peer) };
      }),
    })),
  } as unknown as NodeReport;
}
