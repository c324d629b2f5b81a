import { performance } from 'node:perf_hooks';
import { planChange } from '../src/plan/plan-change.ts';
import { snapshotOf, type World } from '../src/testing/world.ts';
import { buildTopology } from '../src/topology/build-topology.ts';
import type { DomainName } from '../src/model/names.ts';

/** Prints the time of one plan (a join) over 100 clusters and a growing number of workloads. Budget: 500 ms at 10,000, linear. */
const N_CLUSTERS = 100;
const MEMBERS_PER_DOMAIN = 100;

for (const nWorkloads of process.argv[2] ? [Number(process.argv[2])] : [1_000, 10_000, 100_000]) {
  const snapshot = snapshotOf(world(nWorkloads));
  const before = buildTopology(snapshot);
  const joiner = Object.values(before.workloads).find((workload) => workload.name === 'outsider-0');
  if (joiner === undefined) throw new Error('the world has outsiders');
  const timesMs = Array.from({ length: 5 }, () => {
    const startMs = performance.now();
    const plan = planChange({
      snapshot,
      before,
      intents: [{ kind: 'join', workload: joiner.id, domain: 'd0' as DomainName }],
    });
    if (plan.steps.length !== 1) throw new Error(JSON.stringify(plan.refusals));
    return performance.now() - startMs;
  }).toSorted((a, b) => a - b);
  const medianMs = timesMs[2] ?? 0;
  const note = nWorkloads === 10_000 ? `  budget 500 ms: ${medianMs < 500 ? 'met' : 'MISSED'}` : '';
  console.log(
    `plan  ${String(nWorkloads).padStart(7)} workloads in ${N_CLUSTERS} clusters: median ${medianMs.toFixed(1)} ms, ${((medianMs * 1000) / nWorkloads).toFixed(1)} µs each${note}`,
  );
}

function world(nWorkloads: number): World {
  const clusters = Array.from(
    { length: N_CLUSTERS },
    (_, index) => `cluster-${String(index).padStart(3, '0')}`,
  );
  const nDomains = Math.ceil(nWorkloads / MEMBERS_PER_DOMAIN);
  const perCluster = nWorkloads / N_CLUSTERS;
  return {
    programmed: false,
    domains: Array.from({ length: Math.min(nDomains, 100) }, (_, index) => ({
      name: `d${index}`,
      prefixes: [`10.${index + 100 > 243 ? 0 : 128 + (index % 100)}.0.0/16`],
      clusters: clusters.slice(0, 15),
    })),
    clusters: clusters.map((name, clusterIndex) => ({
      name,
      nNodes: 2,
      workloads: Array.from({ length: perCluster }, (_, index) => ({
        namespace: `ns-${index % 10}`,
        name: index === 0 ? `outsider-${clusterIndex}` : `app-${index}`,
        domains:
          index === 0 || clusterIndex >= 15
            ? []
            : [`d${(clusterIndex * perCluster + index) % Math.min(nDomains, 100)}`],
      })),
    })),
  };
}
