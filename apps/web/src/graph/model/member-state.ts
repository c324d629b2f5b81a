import type { PairProbe } from '@flatland/shared/report/console-event';
import type { WorkloadView } from '@flatland/shared/topology/topology';
import type { MemberState } from './graph-model.ts';

/** Last probes of each workload, in either direction. */
export type ProbesOf = ReadonlyMap<string, readonly PairProbe[]>;

/** Groups probes by the workloads at their ends. */
export function groupProbes(probes: Iterable<PairProbe>): ProbesOf {
  const grouped = new Map<string, PairProbe[]>();
  for (const probe of probes)
    for (const end of new Set([probe.from, probe.to])) {
      const list = grouped.get(end);
      if (list) list.push(probe);
      else grouped.set(end, [probe]);
    }
  return grouped;
}

/**
 * State of a workload's membership in a domain: what is refused comes before what is being programmed,
 * that before what packets say.
 */
export function memberState(workload: WorkloadView, domain: string, probes: ProbesOf): MemberState {
  const refused = workload.domains.find((entry) => entry.domain === domain && !entry.counts);
  const counts = workload.domains.some((entry) => entry.domain === domain && entry.counts);
  if (refused && !counts)
    return {
      kind: 'failed',
      code: refused.refusal?.code ?? 'namespace-not-allowed',
      detail: refused.refusal?.detail ?? '',
    };
  const running = workload.instances.filter((instance) => instance.phase === 'Running');
  const failed = running.flatMap((instance) => instance.refused).find((entry) => entry.domain === domain);
  if (failed) return { kind: 'failed', code: failed.reason, detail: failed.message };
  const programmed = running.filter((instance) =>
    instance.members.some((member) => member.domain === domain),
  );
  if (running.length === 0 && workload.replicas.desired === 0) return { kind: 'member' };
  if (programmed.length < running.length || running.length === 0)
    return { kind: 'programming', programmed: programmed.length, instances: running.length };
  return probedState((probes.get(workload.id) ?? []).filter((probe) => probe.domain === domain));
}

function probedState(probes: readonly PairProbe[]): MemberState {
  const wrong = probes.find((probe) => !probe.agrees);
  if (wrong) return { kind: 'disagrees', code: wrong.result.reason ?? wrong.verdict.reason };
  const echoed = probes
    .filter((probe) => probe.result.echoed)
    .toSorted((a, b) => b.result.atMs - a.result.atMs);
  const [last] = echoed;
  if (last === undefined) return { kind: 'member' };
  return {
    kind: 'proved',
    atMs: last.result.atMs,
    simulated: last.result.datapath === 'in-memory',
    ...(last.result.rttMs === undefined ? {} : { rttMs: last.result.rttMs }),
  };
}
