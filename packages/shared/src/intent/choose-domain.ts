import { indexMemberships } from '../reachability/membership-index.ts';
import type { DomainView, Topology, WorkloadId, WorkloadView } from '../topology/topology.ts';
import { joinIntents } from './join-intents.ts';
import type { DomainOption, Gesture, Intent, NewDomain } from './intent.ts';
import { joinRefusal } from './rules.ts';

/**
 * The question of connecting two workloads: a domain of either, or a new one. Each option lists
 * everyone else that the two would reach by it. Never makes a domain silently.
 */
export function chooseDomain(
  a: WorkloadView,
  b: WorkloadView,
  topology: Topology,
  suggestion: NewDomain,
): Gesture {
  const index = indexMemberships(topology);
  const domainsOfA = index.domainsOf.get(a.id) ?? new Set();
  const domainsOfB = index.domainsOf.get(b.id) ?? new Set();
  const shared = [...domainsOfA].find((domain) => domainsOfB.has(domain));
  if (shared !== undefined)
    return {
      kind: 'refused',
      refusal: { code: 'already-member', detail: `${a.name} and ${b.name} are both in ${shared}` },
    };
  const existing = [...new Set([...domainsOfA, ...domainsOfB])]
    .toSorted()
    .flatMap((name) => topology.domains[name] ?? [])
    .map((domain) =>
      option(domain, domainsOfA.has(domain.id) ? b : a, topology, [
        ...(index.membersOf.get(domain.id) ?? []),
      ]),
    );
  const host = [a, b].find((workload) => workload.hostNetwork);
  const fresh: DomainOption = {
    domain: 'new',
    intents: [{ kind: 'create-domain', domain: suggestion, members: [a.id, b.id].toSorted() }],
    alsoReaches: [],
    ...(host && {
      refusal: { code: 'host-network' as const, detail: `${host.name} uses its node’s network` },
    }),
  };
  return {
    kind: 'choose-domain',
    source: a.id,
    target: b.id,
    options: [...existing, fresh].map(withoutEnds([a.id, b.id])),
  };
}

function option(
  domain: DomainView,
  joining: WorkloadView,
  topology: Topology,
  members: readonly WorkloadId[],
): DomainOption {
  const refusal = joinRefusal(topology, joining, domain);
  const intents: readonly Intent[] = refusal ? [] : joinIntents(joining, domain);
  return { domain: domain.id, intents, alsoReaches: members.toSorted(), ...(refusal && { refusal }) };
}

function withoutEnds(ends: readonly WorkloadId[]): (option: DomainOption) => DomainOption {
  return (choice) => ({ ...choice, alsoReaches: choice.alsoReaches.filter((id) => !ends.includes(id)) });
}
