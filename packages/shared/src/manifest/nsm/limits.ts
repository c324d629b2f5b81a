import { parseNsmAnnotation } from '../../model/nsm-annotation.ts';
import type { Refusal } from '../../reason/reasons.ts';
import type { DomainView, Topology, WorkloadView } from '../../topology/topology.ts';
import { countingMemberships, isNamespaceWide, namedMembers, nsmDomains } from './clients.ts';
import { serviceFrom } from './names.ts';
import { CLIENTS_PER_ENDPOINT, MAX_ENDPOINTS, nsmPools, tooLongPrefixes } from './pools.ts';

/** Endpoints of each cluster, as many as its members need, and two for one to fail. */
export function endpointCounts(topology: Topology, domain: DomainView): ReadonlyMap<string, number> {
  return new Map(
    domain.clusters.map(({ name }) => {
      const members = Object.values(topology.workloads)
        .filter((workload) => workload.cluster === name && isMember(workload, domain))
        .reduce((sum, workload) => sum + workload.replicas.desired, 0);
      return [name, Math.max(2, Math.ceil(members / CLIENTS_PER_ENDPOINT))];
    }),
  );
}

/** What of the domain Network Service Mesh cannot express; sorted. Empty where it can be exported. */
export function nsmRefusals(topology: Topology, domain: DomainView): Refusal[] {
  const refusals: Refusal[] = tooLongPrefixes(domain).map((prefix) => ({
    code: 'nsm-prefix',
    detail: `clients of NSM would take all of the /16 or /64 around ${prefix} of ${domain.id}`,
  }));
  if (domain.prefixes.length === 0)
    refusals.push({ code: 'invalid-prefix', detail: `${domain.id} has no prefix yet` });
  if (domain.mtuBytes !== undefined)
    refusals.push({ code: 'nsm-mtu', detail: `${domain.id} asks for ${domain.mtuBytes} bytes` });
  const nEndpoints = [...endpointCounts(topology, domain).values()].reduce((sum, count) => sum + count, 0);
  if (nEndpoints > MAX_ENDPOINTS)
    refusals.push({
      code: 'addresses-exhausted',
      detail: `${domain.id} needs ${nEndpoints} endpoints of NSM, and its pool has prefixes for ${MAX_ENDPOINTS}`,
    });
  for (const mesh of Object.values(topology.meshes))
    if (mesh.domain === domain.id)
      refusals.push({ code: 'nsm-mesh', detail: `${mesh.name} in ${mesh.cluster} is bound to ${domain.id}` });
  refusals.push(...membershipRefusals(topology, domain));
  return refusals.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** What is otherwise than Flatland has it, where NSM carries the domain; sorted. */
export function nsmNotes(topology: Topology, domain: DomainView): Refusal[] {
  const notes: Refusal[] = [
    {
      code: 'nsm-restarts',
      detail: `pods of ${domain.id} are made anew, since NSM adds interfaces only to new pods`,
    },
    {
      code: 'nsm-names',
      detail: `only POD.${domain.dnsName} is answered, no names of workloads`,
    },
  ];
  for (const pool of nsmPools(domain))
    if (pool.narrowed)
      notes.push({ code: 'nsm-narrowed', detail: `${domain.id} uses only ${pool.prefix} of its prefix` });
  if (domain.clusters.length > 1)
    notes.push({
      code: 'nsm-slices',
      detail: `endpoints of all clusters take their addresses from one pool in ${domain.home}`,
    });
  if (!domain.allowedNamespaces.includes('*'))
    notes.push({
      code: 'nsm-no-consent',
      detail: `any pod that names ${domain.id} gets in, not only those of ${domain.allowedNamespaces.join(', ') || 'no namespace'}`,
    });
  return notes.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
}

function membershipRefusals(topology: Topology, domain: DomainView): Refusal[] {
  const refusals: Refusal[] = [];
  for (const membership of countingMemberships(topology, domain)) {
    const name = `${membership.name} in ${membership.cluster}/${membership.namespace}`;
    if (membership.selects.type === 'selector' && !isNamespaceWide(membership))
      refusals.push({ code: 'nsm-selector', detail: `${name} selects by labels` });
    if (!isNamespaceWide(membership)) continue;
    for (const id of membership.workloads)
      if (topology.workloads[id]?.hostNetwork)
        refusals.push({
          code: 'host-network',
          detail: `${name} would give ${topology.workloads[id].name} an interface on its node`,
        });
  }
  const ours = nsmDomains(topology, domain);
  const named = new Set(namedMembers(topology, domain).map((member) => member.id));
  for (const workload of Object.values(topology.workloads)) {
    if (!isMember(workload, domain)) continue;
    if (workload.kind === 'Pod' && named.has(workload.id))
      refusals.push({ code: 'nsm-bare-pod', detail: `${workload.id} has no controller that makes it anew` });
    const foreign = foreignService(workload, ours);
    if (foreign !== undefined)
      refusals.push({ code: 'nsm-annotated', detail: `${workload.id} asks NSM for ${foreign}` });
  }
  return refusals;
}

/** What an existing annotation asks for that the export would take away. */
function foreignService(workload: WorkloadView, ours: readonly DomainView[]): string | undefined {
  if (workload.nsmAnnotation === undefined) return undefined;
  const parsed = parseNsmAnnotation(workload.nsmAnnotation.text);
  if (!parsed.ok) return workload.nsmAnnotation.text.slice(0, 64);
  return parsed.value.find(
    (request) =>
      !ours.some((domain) => {
        const { service, registry } = serviceFrom(domain, workload.cluster);
        return request.service === service && request.registry === registry;
      }),
  )?.service;
}

function isMember(workload: WorkloadView, domain: DomainView): boolean {
  return workload.domains.some((entry) => entry.domain === domain.id && entry.counts);
}

function key({ code, detail }: Refusal): string {
  return `${code} ${detail}`;
}
