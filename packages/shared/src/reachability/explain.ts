import { cidrHasAddress } from '../address/arithmetic.ts';
import type { IpAddress } from '../address/ip.ts';
import { FLATLAND_API_VERSION } from '../model/kubernetes-object.ts';
import { membershipName } from '../manifest/membership-manifest.ts';
import type { DomainName } from '../model/names.ts';
import { workloadLabel } from '../topology/ids.ts';
import type { InstanceView, ObjectRef, Topology, WorkloadView } from '../topology/topology.ts';
import { indexMemberships, sharedDomains, type MembershipIndex } from './membership-index.ts';
import { pathBetween } from './path.ts';
import { NO_TUNNELS, type Tunnels } from './tunnels.ts';
import type { EndRef, Traffic, Verdict } from './verdict.ts';

/** Answers "may A reach B, and why" over one topology. */
export interface Reachability {
  readonly index: MembershipIndex;
  /** The verdict for an ordered pair; `traffic` is reserved for policies that look at ports. */
  verdict(from: EndRef, to: EndRef, traffic?: Traffic): Verdict;
}

/** Prepares a topology for many questions; `tunnels`: what agents say of the ways between nodes. */
export function createReachability(topology: Topology, tunnels: Tunnels = NO_TUNNELS): Reachability {
  const index = indexMemberships(topology);
  return { index, verdict: (from, to) => verdict({ topology, tunnels, index }, from, to) };
}

interface Known {
  readonly topology: Topology;
  readonly tunnels: Tunnels;
  readonly index: MembershipIndex;
}

function verdict(known: Known, from: EndRef, to: EndRef): Verdict {
  const { topology, index } = known;
  const a = topology.workloads[from.workload];
  const b = topology.workloads[to.workload];
  const missing = a === undefined ? from : b === undefined ? to : undefined;
  if (a === undefined || b === undefined)
    return no('workload-not-found', `${workloadLabel(missing?.workload ?? '')} does not exist`);
  const stale = [a, b]
    .map((workload) => topology.clusters[workload.cluster])
    .find((cluster) => cluster?.reachable === false);
  if (stale) {
    const detail = `the API of ${stale.id} does not answer`;
    return {
      answer: 'unknown',
      reason: 'cluster-unreachable',
      detail,
      domains: sharedDomains(index, a.id, b.id),
      sinceMs: stale.lastSeenMs,
      path: [],
    };
  }
  if (a.id === b.id && (from.instance === to.instance || a.instances.length <= 1))
    return { ...no('same-instance', `both ends are ${a.name}`), answer: 'yes' };
  const domains = sharedDomains(index, a.id, b.id);
  if (domains.length === 0) return unshared(a, b);
  return shared(known, { a, b, from, to, domains });
}

interface Question {
  readonly a: WorkloadView;
  readonly b: WorkloadView;
  readonly from: EndRef;
  readonly to: EndRef;
  readonly domains: readonly DomainName[];
}

/** A refused Membership that would have made them share a domain explains more than its absence. */
function unshared(a: WorkloadView, b: WorkloadView): Verdict {
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const wanted = new Set(other.domains.map((entry) => entry.domain));
    const refused = one.domains.find((entry) => !entry.counts && wanted.has(entry.domain));
    if (refused?.refusal)
      return { ...no(refused.refusal.code, refused.refusal.detail), deciding: refused.deciding };
  }
  const target = b.domains.find((entry) => entry.counts) ?? a.domains.find((entry) => entry.counts);
  const absent = b.domains.some((entry) => entry.counts) ? a : b;
  if (target === undefined)
    return no('no-shared-domain', `neither ${a.name} nor ${b.name} is a member of a domain`);
  return {
    ...no('no-shared-domain', `there is no Membership of ${absent.name} in ${target.domain}`),
    deciding: absentMembership(absent, target.domain),
  };
}

function absentMembership(workload: WorkloadView, domain: string): ObjectRef {
  return {
    cluster: workload.cluster,
    apiVersion: FLATLAND_API_VERSION,
    kind: 'Membership',
    namespace: workload.namespace,
    name: membershipName(domain, workload.kind, workload.name),
    field: 'metadata.name',
  };
}

/** Yes over the domains that nothing is wrong with; where something is with all of them, what may pass by itself counts more. */
function shared({ topology, tunnels }: Known, question: Question): Verdict {
  const { a, b, domains } = question;
  const faults = domains.map(
    (domain) =>
      instanceFault(topology, question, domain) ??
      familyFault(question, domain) ??
      mirrorFault(topology, question, domain) ??
      tunnelFault(tunnels, question, domain),
  );
  const open = domains.filter((_, index) => faults[index] === undefined);
  const [domain] = open;
  if (domain === undefined)
    return faults.find((fault) => fault?.answer === 'unknown') ?? (faults[0] as Verdict);
  return {
    answer: 'yes',
    reason: 'shared-domain',
    detail: `${a.name} and ${b.name} are members of ${domain}`,
    domains: open,
    ...deciding(b, domain),
    path: pathBetween(question, domain, tunnels),
  };
}

function instanceFault(topology: Topology, question: Question, domain: DomainName): Verdict | undefined {
  for (const [workload, end] of [
    [question.a, question.from],
    [question.b, question.to],
  ] as const) {
    const instances = chosenInstances(workload, end);
    const base = { domains: question.domains, path: [], ...deciding(workload, domain) };
    if (instances.length === 0)
      return {
        ...base,
        answer: 'no',
        reason: 'no-instance',
        detail: `${workload.name} has no running instance`,
      };
    const refused = instances
      .flatMap((instance) => instance.refused)
      .find((entry) => entry.domain === domain);
    if (refused) return { ...base, answer: 'no', reason: refused.reason, detail: refused.message };
    const waiting = instances.find(
      (instance) => !instance.members.some((member) => member.domain === domain),
    );
    if (waiting === undefined) continue;
    const node = topology.nodes[`${workload.cluster}/${waiting.node}`];
    if (node && !node.hasAgent)
      return { ...base, answer: 'unknown', reason: 'no-agent', detail: `${node.id} has no running agent` };
    return {
      ...base,
      answer: 'unknown',
      reason: 'not-programmed',
      detail: `${waiting.name} is not programmed in ${domain} yet`,
    };
  }
  return undefined;
}

/** Clusters may have slices of different prefixes of a domain. All instances of a workload have the same families. */
function familyFault(question: Question, domain: DomainName): Verdict | undefined {
  const { a, b, from, to } = question;
  const families = (workload: WorkloadView, end: EndRef) =>
    new Set(
      chosenInstances(workload, end)
        .flatMap((instance) => instance.members.filter((member) => member.domain === domain))
        .flatMap((member) => member.addresses.map((address) => address.includes(':'))),
    );
  if (!families(a, from).isDisjointFrom(families(b, to))) return undefined;
  return {
    answer: 'no',
    reason: 'no-common-family',
    detail: `${a.name} and ${b.name} have no addresses of one family in ${domain}`,
    domains: question.domains,
    path: [],
  };
}

/** Across clusters, each side's cluster must know the other's nodes. */
function mirrorFault(topology: Topology, question: Question, domain: DomainName): Verdict | undefined {
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

/** Packets must find a way between the nodes of both, as far as their agents have looked. */
function tunnelFault(tunnels: Tunnels, question: Question, domain: DomainName): Verdict | undefined {
  const { a, b } = question;
  for (const near of nodesOf(a, question.from))
    for (const far of nodesOf(b, question.to)) {
      const state = near === far ? undefined : tunnels.between(domain, near, far);
      if (state === undefined || state.up) continue;
      return {
        answer: 'unknown',
        reason: 'tunnel-down',
        detail: `no packet passes between ${near} and ${far} in ${domain}`,
        domains: question.domains,
        ...(state.sinceMs !== undefined && { sinceMs: state.sinceMs }),
        path: [],
      };
    }
  return undefined;
}

function nodesOf(workload: WorkloadView, end: EndRef): string[] {
  return [...new Set(chosenInstances(workload, end).map(({ node }) => `${workload.cluster}/${node}`))];
}

/**
 * The instances that a question is about: the named one, or all that run. One that starts or ends is there as long as it
 * is a member, for so long packets reach it; it speaks for its workload only where none runs.
 */
export function chosenInstances(workload: WorkloadView, end: EndRef): InstanceView[] {
  const isMember = (instance: InstanceView) => instance.members.length > 0;
  const runs = (instance: InstanceView) => instance.phase === 'Running';
  if (end.instance !== undefined)
    return workload.instances.filter(
      (instance) => instance.name === end.instance && (runs(instance) || isMember(instance)),
    );
  const running = workload.instances.filter(runs);
  return running.length > 0 ? running : workload.instances.filter(isMember);
}

function deciding(workload: WorkloadView, domain: DomainName): { deciding?: ObjectRef } {
  const entry = workload.domains.find((candidate) => candidate.counts && candidate.domain === domain);
  return entry ? { deciding: entry.deciding } : {};
}

function no(reason: Verdict['reason'], detail: string): Verdict {
  return { answer: 'no', reason, detail, domains: [], path: [] };
}
