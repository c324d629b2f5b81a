import { setTimeout as sleep } from 'node:timers/promises';
import { mapLimited } from '@flatland/shared/map-limited';
import { MemberSlice, NodePeer, RemoteSlice, Domain } from '@flatland/kube/client/resources';
import { listObjects } from '@flatland/kube/client/objects';
import { domainOf, memberSliceOf, nodePeerOf } from '../src/testing/objects.ts';
import { ShiftedClock } from '../test/shifted-clock.ts';
import { TestCluster } from '../test/test-cluster.ts';

/**
 * How long a cluster's controller takes to mirror many others, embedded ones with a node and a member each: from its
 * start until every other cluster has its RemoteSlice, and from a change in all of them at once until every RemoteSlice
 * has it. The API servers of all of them share one process with the controller. Budget: 5 s each.
 *
 *   node packages/controller/bench/mirror.ts [CLUSTERS]
 */
const N_CLUSTERS = Number(process.argv[2] ?? 50);
const BUDGET_MS = 5000;
const AT_ONCE = 4;
const LOOK_MS = 20;

const names = Array.from({ length: N_CLUSTERS }, (_, index) => `c${String(index).padStart(2, '0')}`);
const slices = Object.fromEntries(['own', ...names].map((name, index) => [name, `10.81.${index}.0/24`]));
const clusters: TestCluster[] = [];
try {
  await measure();
} finally {
  await Promise.all(clusters.map((cluster) => cluster[Symbol.asyncDispose]()));
}

async function measure(): Promise<void> {
  const own = await start('own');
  const others = await mapLimited(names, AT_ONCE, start);
  for (const other of others) await own.link(other, { mode: 'pull' });
  const startedMs = performance.now();
  await own.startController(new ShiftedClock());
  print(`start to all ${N_CLUSTERS} clusters mirrored`, await untilAll(own, '.2"', startedMs));
  const changedMs = performance.now();
  await Promise.all(
    others.map((other) =>
      other.apply(MemberSlice, memberSliceOf('red', 'n1', [address(other.name, 2), address(other.name, 3)])),
    ),
  );
  const appliedMs = performance.now() - changedMs;
  print(
    `a change in each of them, made within ${appliedMs.toFixed(0)} ms, to all mirrored`,
    await untilAll(own, '.3"', changedMs),
  );
}

async function start(name: string): Promise<TestCluster> {
  const cluster = await TestCluster.start(name, ['n1']);
  clusters.push(cluster);
  await cluster.apply(Domain, domainOf('red', Object.keys(slices), { slices }));
  await cluster.apply(NodePeer, nodePeerOf('red', 'n1', [address(name, 0, '/28')]));
  await cluster.apply(MemberSlice, memberSliceOf('red', 'n1', [address(name, 2)]));
  return cluster;
}

function address(cluster: string, host: number, length = ''): string {
  return `${slices[cluster]!.replace('.0/24', `.${host}`)}${length}`;
}

/** How long it took until a RemoteSlice of each other cluster has an address with the ending. */
async function untilAll(own: TestCluster, ending: string, sinceMs: number): Promise<number> {
  for (;;) {
    const list = await listObjects(own.client, RemoteSlice);
    const nMirrored = list.ok
      ? list.value.items.filter((slice) => JSON.stringify(slice).includes(ending)).length
      : 0;
    if (nMirrored === N_CLUSTERS) return performance.now() - sinceMs;
    await sleep(LOOK_MS);
  }
}

function print(what: string, tookMs: number): void {
  const verdict = tookMs <= BUDGET_MS ? 'met' : 'MISSED';
  console.log(`mirror: ${what}: ${tookMs.toFixed(0)} ms; budget ${BUDGET_MS} ms: ${verdict}`);
}
