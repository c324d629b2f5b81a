import type { DomainName } from '../model/names.ts';
import type { Topology, WorkloadId } from '../topology/topology.ts';

/** Who is in which domain, by the Memberships that count. */
export interface MembershipIndex {
  readonly membersOf: ReadonlyMap<DomainName, ReadonlySet<WorkloadId>>;
  readonly domainsOf: ReadonlyMap<WorkloadId, ReadonlySet<DomainName>>;
}

/** Indexes a topology's counting Memberships in both directions. */
export function indexMemberships(topology: Topology): MembershipIndex {
  const membersOf = new Map<DomainName, Set<WorkloadId>>();
  const domainsOf = new Map<WorkloadId, Set<DomainName>>();
  for (const workload of Object.values(topology.workloads))
    for (const entry of workload.domains) {
      if (!entry.counts) continue;
      add(membersOf, entry.domain, workload.id);
      add(domainsOf, workload.id, entry.domain);
    }
  return { membersOf, domainsOf };
}

/** Domains that have both as members, sorted. */
export function sharedDomains(index: MembershipIndex, a: WorkloadId, b: WorkloadId): DomainName[] {
  const other = index.domainsOf.get(b);
  return [...(index.domainsOf.get(a) ?? [])].filter((domain) => other?.has(domain)).toSorted();
}

/** Everyone that a workload shares a domain with, without itself. */
export function reachableFrom(index: MembershipIndex, workload: WorkloadId): Set<WorkloadId> {
  const reached = new Set<WorkloadId>();
  for (const domain of index.domainsOf.get(workload) ?? [])
    for (const member of index.membersOf.get(domain) ?? []) reached.add(member);
  reached.delete(workload);
  return reached;
}

function add<Key, Value>(map: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}
