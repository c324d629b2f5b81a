/*
 * How long the console's process is busy when one object of one cluster changes, among 100 clusters: rebuild of the
 * topology, patch for the tabs, and what looks at each new world. Usage: node bench/world.ts [WORKLOADS]
 */
import { NO_TUNNELS } from '@flatland/shared/reachability/tunnels';
import { snapshotOf } from '@flatland/shared/testing/world';
import type { PairProbe } from '@flatland/shared/report/console-event';
import type { Snapshot } from '@flatland/shared/topology/snapshot';
import { Patrol } from '../src/prove/patrol.ts';
import { ProbeStore } from '../src/state/probe-store.ts';
import { WorldKeeper } from '../src/state/world.ts';

const N_CLUSTERS = 100;
const N_CHANGES = 20;
const BUDGET_MS = 100;

for (const nWorkloads of process.argv[2] ? [Number(process.argv[2])] : [1000, 10_000]) {
  let snapshot = bigSnapshot(nWorkloads);
  let patchBytes = 0;
  const probes = new ProbeStore(() => undefined);
  const keeper = new WorldKeeper({
    snapshot: () => snapshot,
    tunnels: () => NO_TUNNELS,
    nowMs: () => performance.now(),
    onRebuilt: (world, patch) => {
      patchBytes = JSON.stringify(patch ?? {}).length;
      probes.keepOnly(world.topology.workloads);
      patrol.onWorld(world);
    },
  });
  const patrol = new Patrol({
    world: () => keeper.current(),
    probe: () => Promise.resolve({} as PairProbe),
    probes,
    random: Math.random,
  });
  const timesMs = Array.from({ length: N_CHANGES }, (_, n) => {
    snapshot = withOneChange(snapshot, n);
    const startMs = performance.now();
    keeper.rebuild();
    return performance.now() - startMs;
  }).toSorted((a, b) => a - b);
  const [medianMs = 0, worstMs = 0] = [timesMs[N_CHANGES / 2], timesMs.at(-1)];
  const met = medianMs < BUDGET_MS ? 'met' : 'MISSED';
  process.stdout.write(
    `world: one change among ${nWorkloads} workloads in ${N_CLUSTERS} clusters: median ${medianMs.toFixed(1)} ms, worst ${worstMs.toFixed(1)} ms, patch ${patchBytes} bytes (budget median < ${BUDGET_MS} ms: ${met})\n`,
  );
  keeper.stop();
}

function bigSnapshot(nWorkloads: number): Snapshot {
  const names = Array.from({ length: N_CLUSTERS }, (_, index) => `cluster-${String(index).padStart(3, '0')}`);
  const perCluster = nWorkloads / N_CLUSTERS;
  return snapshotOf({
    programmed: true,
    domains: Array.from({ length: 20 }, (_, index) => ({
      name: `d${index}`,
      prefixes: [`10.${128 + index}.0.0/16`],
      clusters: names.slice(0, 15),
    })),
    clusters: names.map((name, clusterIndex) => ({
      name,
      nNodes: 2,
      workloads: Array.from({ length: perCluster }, (_, index) => ({
        namespace: `ns-${index % 10}`,
        name: `app-${index}`,
        domains: clusterIndex >= 15 ? [] : [`d${index % 20}`],
      })),
    })),
  });
}

/** The snapshot after one pod of one cluster was written, as a cluster's watch would give it. */
function withOneChange(snapshot: Snapshot, n: number): Snapshot {
  const index = n % snapshot.clusters.length;
  const cluster = snapshot.clusters[index]!;
  const objects = cluster.objects.map((object) => object);
  const place = objects.findIndex((object) => object.kind === 'Pod');
  const pod = objects[place]!;
  objects[place] = {
    ...pod,
    metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, n: String(n) } },
  };
  const changed = { ...cluster, objects };
  return { clusters: snapshot.clusters.with(index, changed) };
}
