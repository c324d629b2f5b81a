import { parseManifests } from '@flatland/shared/manifest/parse-manifests';
import { zMembership, type Membership } from '@flatland/shared/model/membership';
import type { PlanStep } from '@flatland/shared/plan/plan';
import type { Topology, WorkloadView } from '@flatland/shared/topology/topology';

/**
 * Whether agents have done what the applied steps of one cluster mean: every running instance that a Membership
 * names is in its node's MemberSlice, programmed or refused with a reason, and none that it does not is.
 */
export function isProgrammed(topology: Topology, cluster: string, steps: readonly PlanStep[]): boolean {
  if (topology.clusters[cluster]?.reachable !== true) return false;
  return steps.every((step) => {
    if (step.object.kind === 'Membership') return isMembershipProgrammed(topology, step);
    if (step.object.kind === 'Domain') return isDomainSeen(topology, step);
    return true;
  });
}

function isMembershipProgrammed(topology: Topology, step: PlanStep): boolean {
  const { cluster, namespace = '', name } = step.object;
  const isThere = Object.hasOwn(topology.memberships, `${cluster}/${namespace}/${name}`);
  if (isThere !== (step.action !== 'delete')) return false;
  const domains = domainsOf(step);
  return Object.values(topology.workloads)
    .filter((workload) => workload.cluster === cluster && workload.namespace === namespace)
    .every((workload) => domains.every((domain) => isSettled(workload, domain)));
}

/** Domains that the Membership named before or names after the step. */
function domainsOf(step: PlanStep): string[] {
  const texts = [step.before, step.after].filter((text) => text !== '');
  return [...new Set(texts.flatMap((text) => readMembership(text)?.spec.domain ?? []))];
}

function readMembership(text: string): Membership | undefined {
  const objects = parseManifests(text);
  return objects.ok ? zMembership.safeParse(objects.value[0]).data : undefined;
}

function isSettled(workload: WorkloadView, domain: string): boolean {
  const wanted = workload.domains.some((entry) => entry.domain === domain && entry.counts);
  return workload.instances.every((instance) => {
    const isMember = instance.members.some((member) => member.domain === domain);
    if (!wanted) return !isMember;
    return (
      isMember || instance.phase !== 'Running' || instance.refused.some((entry) => entry.domain === domain)
    );
  });
}

function isDomainSeen(topology: Topology, step: PlanStep): boolean {
  const { cluster, name } = step.object;
  const entry = topology.domains[name]?.clusters.find((candidate) => candidate.name === cluster);
  return (entry?.present ?? false) === (step.action !== 'delete');
}
