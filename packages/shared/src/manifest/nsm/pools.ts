import { cidrValue, formatCidr, type Cidr } from '../../address/cidr.ts';
import type { IpFamily } from '../../address/ip.ts';
import type { DomainView } from '../../topology/topology.ts';

/**
 * What vL3's IPAM can serve of a prefix. A client's route is always half the address long, whatever the
 * pool is (sdk, ipcontext/vl3/ipam.go): /16 and /64. So a longer prefix would take its neighbours'
 * addresses, and of a shorter one only the first part is reachable.
 */
export const POOL_LENGTH: Readonly<Record<IpFamily, number>> = { 4: 16, 6: 64 };
/** Length of the prefix that each endpoint gets of the pool. */
export const ENDPOINT_PREFIX_LENGTH: Readonly<Record<IpFamily, number>> = { 4: 24, 6: 112 };
/** An IPv4 pool has so many endpoints' prefixes. */
export const MAX_ENDPOINTS = 256;
/** Addresses of an endpoint's /24 that are left for clients: not its own, the first and the last. */
export const CLIENTS_PER_ENDPOINT = 253;

/** One IPAM of a domain: one for each family. */
export interface NsmPool {
  readonly family: IpFamily;
  readonly prefix: Cidr;
  /** Name of its Deployment and Service. */
  readonly name: string;
  /** The domain's prefix is larger. */
  readonly narrowed: boolean;
}

/** The domain's pools, IPv4 first; named as upstream's examples name them. Prefixes that are too long are left out. */
export function nsmPools(domain: DomainView): NsmPool[] {
  return domain.prefixes
    .map((prefix) => cidrValue(prefix))
    .filter((value) => value.length <= POOL_LENGTH[value.family])
    .toSorted((a, b) => a.family - b.family)
    .map((value) => ({
      family: value.family,
      prefix: formatCidr({ ...value, length: POOL_LENGTH[value.family] }),
      name: value.family === 4 ? 'vl3-ipam' : 'vl3-ipam-ipv6',
      narrowed: value.length < POOL_LENGTH[value.family],
    }));
}

/** Prefixes that vL3 cannot serve, since a client's route would be wider than they are. */
export function tooLongPrefixes(domain: DomainView): Cidr[] {
  return domain.prefixes.filter((prefix) => {
    const { family, length } = cidrValue(prefix);
    return length > POOL_LENGTH[family];
  });
}
