import type { Domain } from '../model/domain.ts';
import { OWNER_LABEL, OWNER_LABEL_VALUE } from '../model/kubernetes-object.ts';
import type { Membership } from '../model/membership.ts';
import type { DomainName, NamespaceName } from '../model/names.ts';
import type { ClusterFacts } from './facts/cluster-facts.ts';
import { selectorMatches } from './facts/label-selector.ts';
import type { WorkloadFacts } from './facts/workload-facts.ts';
import { workloadId } from './ids.ts';
import { ruleClaims, ruleMembership, type Claim, type Ruling } from './membership-rules.ts';
import type { ClusterRanges, MembershipView, WorkloadDomain, WorkloadId } from './topology.ts';

/** What a cluster's Memberships mean: a view of each, and for each workload the domains that it is in or refused from. */
export interface ClusterMemberships {
  readonly views: readonly MembershipView[];
  readonly byWorkload: ReadonlyMap<WorkloadId, readonly WorkloadDomain[]>;
}

interface Selection {
  readonly membership: Membership;
  readonly ruling: Ruling;
  readonly domain: Domain | undefined;
  readonly workloads: readonly WorkloadFacts[];
}

/** Rules every Membership of a cluster, by itself and then among those of the same workload. */
export function clusterMemberships(
  facts: ClusterFacts,
  workloads: readonly WorkloadFacts[],
  ranges: ClusterRanges,
): ClusterMemberships {
  const { cluster } = facts.snapshot;
  const domains = new Map(facts.domains.map((domain) => [domain.metadata.name, domain]));
  const byNamespace = Map.groupBy(workloads, (workload) => workload.namespace);
  const selections = facts.memberships.map((membership): Selection => {
    const domain = domains.get(membership.spec.domain);
    const selected = selectWorkloads(
      membership,
      byNamespace.get(membership.metadata.namespace ?? 'default') ?? [],
    );
    return {
      membership,
      domain,
      workloads: selected,
      ruling: withWorkload(ruleMembership(membership, { cluster, domain, ranges }), membership, selected),
    };
  });
  const byWorkload = new Map<WorkloadId, WorkloadDomain[]>();
  for (const [workload, chosen] of groupByWorkload(selections)) {
    const id = workloadId({ cluster, ...workload });
    byWorkload.set(
      id,
      workloadDomains(chosen, { cluster, hostNetwork: workload.hostNetwork, name: workload.name }),
    );
  }
  const views = selections.map((selection) => membershipView(selection, facts));
  return { views, byWorkload };
}

function selectWorkloads(membership: Membership, candidates: readonly WorkloadFacts[]): WorkloadFacts[] {
  const { workload, selector } = membership.spec;
  if (workload)
    return candidates.filter(
      (candidate) => candidate.kind === workload.kind && candidate.name === workload.name,
    );
  return selector ? candidates.filter((candidate) => selectorMatches(selector, candidate.labels)) : [];
}

function withWorkload(ruling: Ruling, membership: Membership, selected: readonly WorkloadFacts[]): Ruling {
  const { workload } = membership.spec;
  if (ruling.refusal || workload === undefined || selected.length > 0) return ruling;
  return {
    refusal: {
      code: 'workload-not-found',
      detail: `there is no ${workload.kind} ${workload.name} in ${membership.metadata.namespace}`,
    },
    deciding: { ...ruling.deciding, field: 'spec.workload' },
  };
}

function groupByWorkload(selections: readonly Selection[]): Map<WorkloadFacts, Selection[]> {
  const groups = new Map<WorkloadFacts, Selection[]>();
  for (const selection of selections)
    for (const workload of selection.workloads) {
      const group = groups.get(workload);
      if (group) group.push(selection);
      else groups.set(workload, [selection]);
    }
  return groups;
}

function workloadDomains(
  selections: readonly Selection[],
  workload: Parameters<typeof ruleClaims>[1],
): WorkloadDomain[] {
  const claims = selections.flatMap((selection): (Claim & { selection: Selection })[] =>
    selection.ruling.refusal === undefined && selection.domain !== undefined
      ? [{ membership: selection.membership, domain: selection.domain, selection }]
      : [],
  );
  const ruled = new Map(
    ruleClaims(claims, workload).map((ruling, index) => [claims[index]?.selection, ruling]),
  );
  return selections
    .map((selection): WorkloadDomain => {
      const ruling = ruled.get(selection) ?? selection.ruling;
      return {
        domain: selection.membership.spec.domain,
        membership: membershipId(selection.membership, workload.cluster),
        counts: ruling.refusal === undefined,
        ...(ruling.refusal && { refusal: ruling.refusal }),
        deciding: ruling.deciding,
      };
    })
    .toSorted((a, b) => (`${a.domain} ${a.membership}` < `${b.domain} ${b.membership}` ? -1 : 1));
}

function membershipView(selection: Selection, facts: ClusterFacts): MembershipView {
  const { membership, ruling } = selection;
  const { cluster } = facts.snapshot;
  const { workload, selector } = membership.spec;
  return {
    id: membershipId(membership, cluster),
    cluster,
    namespace: (membership.metadata.namespace ?? 'default') as NamespaceName,
    name: membership.metadata.name,
    domain: membership.spec.domain as DomainName,
    selects: workload
      ? { type: 'workload', kind: workload.kind, name: workload.name }
      : { type: 'selector', selector: selector ?? {} },
    workloads: selection.workloads.map((selected) => workloadId({ cluster, ...selected })).toSorted(),
    counts: ruling.refusal === undefined,
    ...(ruling.refusal && { refusal: ruling.refusal }),
    deciding: ruling.deciding,
    owned: membership.metadata.labels?.[OWNER_LABEL] === OWNER_LABEL_VALUE,
  };
}

function membershipId(membership: Membership, cluster: string): string {
  return `${cluster}/${membership.metadata.namespace ?? 'default'}/${membership.metadata.name}`;
}
