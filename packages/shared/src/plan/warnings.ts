import type { Refusal } from '../reason/reasons.ts';
import type { Topology } from '../topology/topology.ts';
import type { PlanStep } from './plan.ts';

/** What a person must acknowledge before a plan is applied: clusters that wait or cannot be written, workloads whose NetworkPolicies do not apply to the domain. */
export function planWarnings(steps: readonly PlanStep[], before: Topology, after: Topology): Refusal[] {
  const warnings: Refusal[] = [];
  for (const name of [
    ...new Set(
      steps.flatMap(({ cluster, action, token }) =>
        action === 'mint' && token ? [cluster, token.issuer] : [cluster],
      ),
    ),
  ].toSorted()) {
    const cluster = before.clusters[name];
    if (cluster?.readOnly)
      warnings.push({ code: 'read-only-cluster', detail: `${name} is connected read-only` });
    else if (cluster && !cluster.reachable)
      warnings.push({ code: 'cluster-unreachable', detail: `${name} does not answer; its part waits` });
  }
  for (const workload of Object.values(after.workloads)) {
    if (workload.networkPolicies.length === 0) continue;
    const was = new Set(
      before.workloads[workload.id]?.domains.filter((entry) => entry.counts).map((entry) => entry.domain),
    );
    for (const entry of workload.domains)
      if (entry.counts && !was.has(entry.domain))
        warnings.push({
          code: 'network-policy',
          detail: `${workload.name} is under ${workload.networkPolicies.join(', ')}, which do not apply to its interface in ${entry.domain}`,
        });
  }
  return warnings;
}
