import fc from 'fast-check';
import type { Intent } from '../intent/intent.ts';
import type { ClusterName, DomainName } from '../model/names.ts';
import type { Topology } from '../topology/topology.ts';

/** A few intents over the elements of a topology, sensible and not. */
export function arbitraryIntents(topology: Topology): fc.Arbitrary<Intent[]> {
  const workloads = [...Object.keys(topology.workloads), 'cluster-0/shop/Deployment/nobody'];
  const domains = [...Object.keys(topology.domains), 'nowhere'] as DomainName[];
  const clusters = [...Object.keys(topology.clusters), 'mars'] as ClusterName[];
  const workload = fc.constantFrom(...workloads);
  const domain = fc.constantFrom(...domains);
  const cluster = fc.constantFrom(...clusters);
  const intent: fc.Arbitrary<Intent> = fc.oneof(
    fc.record({ kind: fc.constant('join' as const), workload, domain }),
    fc.record({ kind: fc.constant('leave' as const), workload, domain }),
    fc.record({ kind: fc.constant('span' as const), cluster, domain }),
    fc.record({ kind: fc.constant('unspan' as const), cluster, domain }),
    fc.record({ kind: fc.constant('delete-domain' as const), domain }),
    fc.record({
      kind: fc.constant('join-namespace' as const),
      cluster,
      domain,
      namespace: fc.constantFrom('shop', 'dev'),
    }),
    fc.record({
      kind: fc.constant('create-domain' as const),
      domain: fc.record({
        name: fc.constantFrom('blue', 'domain-0') as fc.Arbitrary<DomainName>,
        clusters: fc.subarray(clusters.slice(0, -1), { minLength: 1 }),
      }),
      members: fc.subarray(workloads, { maxLength: 2 }),
    }),
  );
  return fc.array(intent, { maxLength: 4 });
}
