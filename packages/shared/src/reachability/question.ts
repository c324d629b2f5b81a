import type { DomainName } from '../model/names.ts';
import type { InstanceView, ObjectRef, WorkloadView } from '../topology/topology.ts';
import type { EndRef } from './verdict.ts';

/** A question about two workloads that share domains. */
export interface Question {
  readonly a: WorkloadView;
  readonly b: WorkloadView;
  readonly from: EndRef;
  readonly to: EndRef;
  readonly domains: readonly DomainName[];
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

/** The nodes of the instances that a question is about, `CLUSTER/NODE`. */
export function nodesOf(workload: WorkloadView, end: EndRef): string[] {
  return [...new Set(chosenInstances(workload, end).map(({ node }) => `${workload.cluster}/${node}`))];
}

/** The Membership that makes a workload a member of a domain. */
export function deciding(workload: WorkloadView, domain: DomainName): { deciding?: ObjectRef } {
  const entry = workload.domains.find((candidate) => candidate.counts && candidate.domain === domain);
  return entry ? { deciding: entry.deciding } : {};
}
