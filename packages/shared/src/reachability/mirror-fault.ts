import { cidrHasAddress } from '../address/arithmetic.ts';
import type { IpAddress } from '../address/ip.ts';
import { FLATLAND_API_VERSION } from '../model/kubernetes-object.ts';
import type { DomainName } from '../model/names.ts';
import type { InstanceView, Topology, WorkloadView } from '../topology/topology.ts';
import { chosenInstances, type Question } from './question.ts';
import type { Verdict } from './verdict.ts';

/** Across clusters, each side's cluster must know the other's nodes. */
export function mirrorFault(topology: Topology, question: Question, domain: DomainName): Verdict | undefined {
  const { a, b } = question;
  if (a.cluster === b.cluster) return undefined;
  for (const [near, far, farEnd] of [
    [a, b, question.to],
    [b, a, question.from],
  ] as const) {
    const mirror = topology.clusters[near.cluster]?.mirrors.find(
      (entry) => entry.origin === far.cluster && entry.domain === domain,
    );
    const unknown = chosenInstances(far, farEnd).find(
      (instance) => instance.node === '' || !mirror?.nodes.includes(instance.node),
    );
    if (unknown)
      return {
        answer: 'unknown',
        reason: 'not-mirrored',
        detail: `${near.cluster} does not know node ${unknown.node || 'of ' + unknown.name} of ${far.cluster} yet`,
        domains: question.domains,
        path: [],
      };
    const unrouted = chosenInstances(far, farEnd)
      .flatMap((instance) => addressesIn(instance, domain).map((address) => ({ instance, address })))
      .find(({ address }) => !mirror?.blocks.some((block) => cidrHasAddress(block, address)));
    if (unrouted) return unroutedFault(topology, { ...unrouted, near, far, domain, question });
  }
  return undefined;
}

function addressesIn(instance: InstanceView, domain: DomainName): readonly IpAddress[] {
  return instance.members.find((member) => member.domain === domain)?.addresses ?? [];
}

/** An address that the other side does not route: refused by the home copy of the Domain, else not mirrored yet. */
function unroutedFault(
  topology: Topology,
  fault: {
    readonly instance: InstanceView;
    readonly address: IpAddress;
    readonly near: WorkloadView;
    readonly far: WorkloadView;
    readonly domain: DomainName;
    readonly question: Question;
  },
): Verdict {
  const { near, far, address } = fault;
  const base = { domains: fault.question.domains, path: [] };
  const home = topology.domains[fault.domain];
  const slices = home?.clusters.find((cluster) => cluster.name === far.cluster)?.slices ?? [];
  if (home === undefined || slices.some((slice) => cidrHasAddress(slice, address)))
    return {
      ...base,
      answer: 'unknown',
      reason: 'not-mirrored',
      detail: `${near.cluster} does not route ${address} of ${fault.instance.name} to ${far.cluster} yet`,
    };
  return {
    ...base,
    answer: 'no',
    reason: 'slice-conflict',
    detail: `${address} of ${fault.instance.name} is in no slice of ${far.cluster} at home in ${home.home}`,
    deciding: {
      cluster: home.home,
      apiVersion: FLATLAND_API_VERSION,
      kind: 'Domain',
      name: fault.domain,
      field: 'spec.clusters',
    },
  };
}
