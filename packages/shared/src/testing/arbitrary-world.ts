import fc from 'fast-check';
import type { World, WorldCluster, WorldWorkload } from './world.ts';

const PREFIXES = [
  ['10.81.0.0/16', 'fd00:81::/48'],
  ['10.82.0.0/16'],
  ['10.81.0.0/16'],
  ['fd00:84::/48'],
  ['10.244.0.0/16'],
];
const NAMES = ['ant', 'bee', 'cat', 'dog', 'elk'];

/** Worlds of a few clusters, domains (some with equal or clashing prefixes) and workloads, some of them refused. */
export const arbitraryWorld: fc.Arbitrary<World> = fc
  .record({
    nClusters: fc.integer({ min: 1, max: 3 }),
    nDomains: fc.integer({ min: 0, max: 4 }),
    programmed: fc.boolean(),
  })
  .chain(({ nClusters, nDomains, programmed }) => {
    const clusterNames = Array.from({ length: nClusters }, (_, index) => `cluster-${index}`);
    const domainNames = Array.from({ length: nDomains }, (_, index) => `domain-${index}`);
    return fc.record({
      programmed: fc.constant(programmed),
      clusters: fc.tuple(...clusterNames.map((name) => arbitraryCluster(name, domainNames))),
      domains: fc.tuple(
        ...domainNames.map((name, index) =>
          fc.record({
            name: fc.constant(name),
            prefixes: fc.constant(PREFIXES[index] ?? []),
            clusters: fc.subarray(clusterNames, { minLength: 1 }),
            allowedNamespaces: fc.constantFrom(['*'], ['shop'], ['shop', 'ledger']),
          }),
        ),
      ),
    });
  });

function arbitraryCluster(name: string, domains: readonly string[]): fc.Arbitrary<WorldCluster> {
  return fc.record({
    name: fc.constant(name),
    nNodes: fc.integer({ min: 1, max: 2 }),
    workloads: fc.uniqueArray(arbitraryWorkload(domains), {
      maxLength: 4,
      selector: (workload) => `${workload.namespace}/${workload.name}`,
    }),
  });
}

function arbitraryWorkload(domains: readonly string[]): fc.Arbitrary<WorldWorkload> {
  return fc.record({
    namespace: fc.constantFrom('shop', 'ledger', 'dev'),
    name: fc.constantFrom(...NAMES),
    kind: fc.constantFrom(
      'Deployment' as const,
      'StatefulSet' as const,
      'DaemonSet' as const,
      'Pod' as const,
    ),
    replicas: fc.integer({ min: 0, max: 2 }),
    domains: fc.subarray([...domains]),
    hostNetwork: fc.integer({ min: 0, max: 9 }).map((die) => die === 0),
  });
}
