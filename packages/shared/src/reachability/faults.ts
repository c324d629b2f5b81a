import type { DomainName } from '../model/names.ts';
import type { Topology, WorkloadView } from '../topology/topology.ts';
import { mirrorFault } from './mirror-fault.ts';
import { chosenInstances, deciding, nodesOf, type Question } from './question.ts';
import type { Tunnels } from './tunnels.ts';
import type { EndRef, Verdict } from './verdict.ts';

/** What keeps packets between both ends out of a domain that they share, the nearest cause first; undefined where nothing does. */
export function faultIn(
  { topology, tunnels }: { readonly topology: Topology; readonly tunnels: Tunnels },
  question: Question,
  domain: DomainName,
): Verdict | undefined {
  return (
    instanceFault(topology, question, domain) ??
    familyFault(question, domain) ??
    mirrorFault(topology, question, domain) ??
    tunnelFault(tunnels, question, domain)
  );
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
