import { cidrHasAddress, compareAddress } from '@flatland/shared/address/arithmetic';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { Member, MemberSliceSpec } from '@flatland/shared/model/member-slice';
import { compareText } from './compare-text.ts';
import type { NodeDomain } from './node-domains.ts';
import type { DnsService, DnsZone } from './node-program.ts';

const MAX_LABEL = 63;
const MAX_NAME = 253;

/**
 * Names of a member: `<pod>.<workload>.<namespace>.<cluster>.<zone>` and `<workload>.<namespace>.<zone>`.
 * A part that is not one label has no name, so that no pod's name can imitate another's.
 */
export function dnsNames(
  member: { readonly pod: string; readonly workload: string; readonly namespace: string },
  cluster: string,
  zone: string,
): string[] {
  const shared = [member.workload, member.namespace];
  const own = [member.pod, member.workload, member.namespace, cluster];
  return [own, shared]
    .filter((labels) => labels.every((label) => label.length <= MAX_LABEL && !label.includes('.')))
    .map((labels) => [...labels, zone].join('.').toLowerCase())
    .filter((name) => name.length <= MAX_NAME);
}

/** Names of the domain with their addresses, sorted. Addresses outside the origin's slices are left out. */
export function dnsZone(
  domain: NodeDomain,
  slices: readonly { readonly cluster: string; readonly spec: MemberSliceSpec }[],
): DnsZone {
  const byName = new Map<string, Set<IpAddress>>();
  const services = new Map<string, Map<string, number>>();
  for (const { cluster, spec } of slices) {
    const allowed = domain.domain.spec.clusters.find((entry) => entry.name === cluster)?.slices ?? [];
    for (const member of spec.members) {
      const origin = { cluster, allowed, zone: domain.dnsName };
      const names = addMember(byName, member, origin);
      addServices(services, member, names);
    }
  }
  const records = [...byName]
    .map(([name, addresses]) => ({ name, addresses: [...addresses].toSorted(compareAddress) }))
    .toSorted((a, b) => compareText(a.name, b.name));
  return { name: domain.dnsName, records, services: sortedServices(services) };
}

function addMember(
  byName: Map<string, Set<IpAddress>>,
  member: Member,
  origin: { readonly cluster: string; readonly allowed: readonly Cidr[]; readonly zone: string },
): string[] {
  const addresses = member.addresses.filter((address) =>
    origin.allowed.some((slice) => cidrHasAddress(slice, address)),
  );
  if (addresses.length === 0) return [];
  const ref = { pod: member.pod.name, workload: member.workload.name, namespace: member.pod.namespace };
  const names = dnsNames(ref, origin.cluster, origin.zone);
  for (const name of names) {
    const known = byName.get(name);
    if (known === undefined) byName.set(name, new Set(addresses));
    else for (const address of addresses) known.add(address);
  }
  return names;
}

/** Each name of a member has its named ports below it; the pod's own name is where they are. */
function addServices(
  services: Map<string, Map<string, number>>,
  member: Member,
  names: readonly string[],
): void {
  const [target] = names;
  if (target === undefined) return;
  for (const { name: label, protocol, port } of member.ports ?? [])
    for (const name of names) {
      const service = `_${label}._${protocol.toLowerCase()}.${name}`;
      if (service.length > MAX_NAME) continue;
      const targets = services.get(service) ?? new Map<string, number>();
      services.set(service, targets.set(target, port));
    }
}

function sortedServices(services: ReadonlyMap<string, ReadonlyMap<string, number>>): DnsService[] {
  return [...services]
    .map(([name, targets]) => ({
      name,
      targets: [...targets]
        .map(([target, port]) => ({ name: target, port }))
        .toSorted((a, b) => compareText(a.name, b.name)),
    }))
    .toSorted((a, b) => compareText(a.name, b.name));
}
