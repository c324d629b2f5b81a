import type { Membership } from '@flatland/shared/model/membership';
import type { ClusterFacts } from '@flatland/shared/topology/facts/cluster-facts';
import { clusterRanges } from '@flatland/shared/topology/facts/cluster-ranges';
import { workloadFacts } from '@flatland/shared/topology/facts/workload-facts';
import type { WorkloadFacts } from '@flatland/shared/topology/facts/workload-facts';
import { clusterMemberships } from '@flatland/shared/topology/cluster-memberships';
import { workloadId } from '@flatland/shared/topology/ids';
import type { MembershipView, WorkloadDomain } from '@flatland/shared/topology/topology';
import { bad, good } from '../status/conditions.ts';
import type { WantedCondition } from '../status/conditions.ts';

/** What the status of each Membership should say, by `namespace/name`. */
export function membershipConditions(facts: ClusterFacts): Map<string, WantedCondition[]> {
  const workloads = workloadFacts(facts.byKind, facts.pods);
  const { views, byWorkload } = clusterMemberships(facts, workloads, clusterRanges(facts.byKind));
  const { cluster } = facts.snapshot;
  const byId = new Map(workloads.map((workload) => [workloadId({ cluster, ...workload }), workload]));
  const reports = memberReports(facts);
  return new Map(
    views.map((view) => [
      `${view.namespace}/${view.name}`,
      [acceptedCondition(view), programmedCondition(view, { byId, byWorkload, reports })],
    ]),
  );
}

/** Key of a Membership in the result of `membershipConditions`. */
export function membershipKey(membership: Membership): string {
  return `${membership.metadata.namespace ?? 'default'}/${membership.metadata.name}`;
}

function acceptedCondition(view: MembershipView): WantedCondition {
  return view.refusal === undefined
    ? good('Accepted')
    : bad('Accepted', view.refusal.code, view.refusal.detail);
}

interface MemberReports {
  /** `domain uid` of the pods that agents programmed. */
  readonly programmed: ReadonlySet<string>;
  /** The same of those they refused, with the refusal. */
  readonly refused: ReadonlyMap<
    string,
    { readonly reason: WantedCondition['reason']; readonly message: string }
  >;
}

function memberReports(facts: ClusterFacts): MemberReports {
  const programmed = new Set<string>();
  const refused = new Map<string, { reason: WantedCondition['reason']; message: string }>();
  for (const { spec } of facts.memberSlices) {
    for (const member of spec.members) programmed.add(`${spec.domain} ${member.pod.uid}`);
    for (const { pod, reason, message } of spec.refused)
      refused.set(`${spec.domain} ${pod.uid}`, { reason, message });
  }
  return { programmed, refused };
}

function programmedCondition(
  view: MembershipView,
  state: {
    readonly byId: ReadonlyMap<string, WorkloadFacts>;
    readonly byWorkload: ReadonlyMap<string, readonly WorkloadDomain[]>;
    readonly reports: MemberReports;
  },
): WantedCondition {
  if (view.refusal !== undefined) return bad('Programmed', view.refusal.code, view.refusal.detail);
  for (const id of view.workloads) {
    const ruling = state.byWorkload.get(id)?.find((domain) => domain.membership === view.id);
    if (ruling?.refusal !== undefined)
      return bad('Programmed', ruling.refusal.code, `${id}: ${ruling.refusal.detail}`);
  }
  const running = view.workloads
    .flatMap((id) => state.byId.get(id)?.pods ?? [])
    .filter((pod) => pod.phase === 'Running' && !pod.terminating);
  if (running.length === 0) return bad('Programmed', 'no-instance', 'no pod is running');
  const key = (uid: string) => `${view.domain} ${uid}`;
  const refused = running.find((pod) => state.reports.refused.has(key(pod.uid)));
  const refusal = refused === undefined ? undefined : state.reports.refused.get(key(refused.uid));
  if (refused !== undefined && refusal !== undefined) {
    return bad('Programmed', refusal.reason, `${refused.name}: ${refusal.message}`);
  }
  const nProgrammed = running.filter((pod) => state.reports.programmed.has(key(pod.uid))).length;
  const message = `${nProgrammed} of ${running.length} running pods are members`;
  return nProgrammed === running.length
    ? good('Programmed', message)
    : bad('Programmed', 'not-programmed', message);
}
