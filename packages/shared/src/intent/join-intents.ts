import type { DomainView, WorkloadView } from '../topology/topology.ts';
import type { Intent } from './intent.ts';
import { spansCluster } from './rules.ts';

/** The intents of joining one workload, with the span that it needs where the domain is not in its cluster yet. */
export function joinIntents(workload: WorkloadView, domain: DomainView): Intent[] {
  const join: Intent = { kind: 'join', workload: workload.id, domain: domain.id };
  return spansCluster(domain, workload.cluster)
    ? [join]
    : [{ kind: 'span', cluster: workload.cluster, domain: domain.id }, join];
}
