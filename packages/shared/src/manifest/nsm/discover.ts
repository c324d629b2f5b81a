import { parseNsmAnnotation, type NsmRequest } from '../../model/nsm-annotation.ts';
import type { DomainName } from '../../model/names.ts';
import type { DomainView, Topology, WorkloadView } from '../../topology/topology.ts';
import { serviceFrom } from './names.ts';

/** One network service that a workload asks Network Service Mesh for, or its annotation that cannot be read. */
export interface NsmClient {
  readonly id: string;
  readonly workload: WorkloadView;
  /** Who set the annotation. */
  readonly from: 'workload' | 'namespace';
  readonly text: string;
  readonly request?: NsmRequest;
  /** Why the annotation cannot be read. */
  readonly fault?: string;
  /** The domain whose export would ask for the same network service in the workload's cluster. */
  readonly domain?: DomainName;
  /** True where the workload is a member of that domain, so that both tell of the same intent. */
  readonly isMember: boolean;
}

/** Every use of Network Service Mesh that annotations of workloads and namespaces tell; sorted. */
export function nsmClients(topology: Topology): NsmClient[] {
  return Object.values(topology.workloads)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((workload) => clientsOf(workload, topology));
}

function clientsOf(workload: WorkloadView, topology: Topology): NsmClient[] {
  if (workload.nsmAnnotation === undefined) return [];
  const { text, from } = workload.nsmAnnotation;
  const base = { workload, from, text };
  const parsed = parseNsmAnnotation(text);
  if (!parsed.ok) return [{ ...base, id: `${workload.id}#0`, fault: parsed.error, isMember: false }];
  return parsed.value.map((request, index) => {
    const domain = matching(request, workload, topology)?.id;
    return {
      ...base,
      id: `${workload.id}#${index}`,
      request,
      ...(domain !== undefined && { domain }),
      isMember: workload.domains.some((entry) => entry.domain === domain && entry.counts),
    };
  });
}

function matching(
  { service, registry }: NsmRequest,
  { cluster }: WorkloadView,
  topology: Topology,
): DomainView | undefined {
  const domain = Object.hasOwn(topology.domains, service) ? topology.domains[service] : undefined;
  const spans = domain?.clusters.some((entry) => entry.name === cluster) ?? false;
  return domain && spans && serviceFrom(domain, cluster).registry === registry ? domain : undefined;
}
