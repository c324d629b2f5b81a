import { FLATLAND_API_VERSION } from '../model/kubernetes-object.ts';
import { membershipName } from '../manifest/membership-manifest.ts';
import { workloadLabel } from '../topology/ids.ts';
import type { ObjectRef, Topology, WorkloadView } from '../topology/topology.ts';
import { faultIn } from './faults.ts';
import { indexMemberships, sharedDomains, type MembershipIndex } from './membership-index.ts';
import { pathBetween } from './path.ts';
import { deciding, type Question } from './question.ts';
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
function shared(known: Known, question: Question): Verdict {
  const { a, b, domains } = question;
  const faults = domains.map((domain) => faultIn(known, question, domain));
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
    path: pathBetween(question, domain, known.tunnels),
  };
}

function no(reason: Verdict['reason'], detail: string): Verdict {
  return { answer: 'no', reason, detail, domains: [], path: [] };
}
