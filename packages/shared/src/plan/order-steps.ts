import type { DomainView } from '../topology/topology.ts';
import type { PlanStep, StepAction } from './plan.ts';

const ADD_RANK: Readonly<Record<string, number>> = {
  TrustDomain: 0,
  Secret: 0.5,
  ClusterLink: 1,
  Domain: 2,
  AdmissionPolicy: 3,
  Membership: 4,
  Mesh: 5,
};
const REMOVE_RANK: Readonly<Record<string, number>> = {
  Mesh: 10,
  Membership: 11,
  AdmissionPolicy: 12,
  Domain: 13,
  ClusterLink: 14,
  Secret: 14.5,
  TrustDomain: 15,
};

/**
 * The order of execution: adds before removes, what others need first, a domain's home cluster before
 * its others, then by cluster, kind, namespace and name.
 */
export function orderSteps(
  steps: readonly PlanStep[],
  domains: Readonly<Record<string, DomainView>>,
): PlanStep[] {
  return steps.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      homeFirst(a, domains) - homeFirst(b, domains) ||
      (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
}

/** True where the step takes something away; those come last. */
export function isRemoval(action: StepAction): boolean {
  return action === 'delete' || action === 'forget';
}

function rank(step: PlanStep): number {
  const ranks = isRemoval(step.action) ? REMOVE_RANK : ADD_RANK;
  return ranks[step.object.kind] ?? (isRemoval(step.action) ? 16 : 6);
}

function homeFirst(step: PlanStep, domains: Readonly<Record<string, DomainView>>): number {
  if (step.object.kind !== 'Domain') return 1;
  return domains[step.object.name]?.home === step.cluster ? 0 : 1;
}
