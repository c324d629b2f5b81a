import type { DomainName } from '@flatland/shared/model/names';

/** Name of the network namespace that holds the domain's router on a node. */
export function domainNamespaceName(domain: DomainName): string {
  return `fl-${domain}`;
}

/** Name of the member's interface inside its pod; at most 15 characters. */
export function memberInterfaceName(domain: DomainName): string {
  return `fl-${domain}`;
}

/** Name of the domain's WireGuard device inside the domain's namespace; at most 15 characters. */
export function wireguardDeviceName(domain: DomainName): string {
  return `wg-${domain}`;
}
