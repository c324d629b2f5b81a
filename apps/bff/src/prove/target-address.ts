import { cidrHasAddress } from '@flatland/shared/address/arithmetic';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import type { InstanceView, Topology } from '@flatland/shared/topology/topology';

/** Where a packet is sent, and how. */
export interface ProbeTarget {
  readonly address: IpAddress;
  readonly domain?: DomainName;
  /** True where another member could have this address in a domain of the source, so that an echo must name its sender. */
  readonly ambiguous: boolean;
}

/**
 * The address at which `to` would be reached: of a shared domain where there is one, else any that it has in a
 * domain, else one that it had.
 */
export function targetAddress(
  topology: Topology,
  ends: { readonly from: InstanceView; readonly to: InstanceView | undefined },
  known: { readonly shared: readonly DomainName[]; readonly last: readonly IpAddress[] },
): ProbeTarget | undefined {
  const members = ends.to?.members ?? [];
  const member = members.find(({ domain }) => known.shared.includes(domain)) ?? members[0];
  const [address] = member?.addresses ?? known.last;
  if (address === undefined) return undefined;
  const isShared = member !== undefined && ends.from.members.some(({ domain }) => domain === member.domain);
  const ambiguous = !isShared && ends.from.members.some(({ domain }) => holds(topology, domain, address));
  return { address, ambiguous, ...(member === undefined ? {} : { domain: member.domain }) };
}

function holds(topology: Topology, domain: DomainName, address: IpAddress): boolean {
  return topology.domains[domain]?.prefixes.some((prefix) => cidrHasAddress(prefix, address)) ?? false;
}
