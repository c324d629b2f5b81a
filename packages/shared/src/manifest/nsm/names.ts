import type { DomainView } from '../../topology/topology.ts';

/** Release of Network Service Mesh whose objects are written. */
export const NSM_RELEASE = 'v1.18.0';
export const ENDPOINT = 'nse-vl3-vpp';
export const IPAM_PORT = 5006;

/** Namespace of a domain's NSM objects, as upstream's examples name theirs. */
export function nsmNamespace(domain: string): string {
  return `ns-vl3-${domain}`;
}

/** Interface of a client in the domain; 12 characters of a domain's name and these fit Linux' 15. */
export function nsmInterface(domain: string): string {
  return `ns-${domain}`;
}

/** DNS zone under which upstream's interdomain set-up publishes a cluster's Services. */
export function clusterZone(cluster: string): string {
  return `my.${cluster}`;
}

/** SPIFFE trust domain that upstream's interdomain set-up gives a cluster. */
export function clusterTrustDomain(cluster: string): string {
  return `nsm.${cluster}`;
}

/** The domain's service as a cluster names it: plain at home, floating (`red@my.home`) elsewhere. */
export function serviceFrom(domain: DomainView, cluster: string): { service: string; registry?: string } {
  return cluster === domain.home
    ? { service: domain.id }
    : { service: domain.id, registry: clusterZone(domain.home) };
}

/** The trust domains of the domain's other clusters, as the annotation names them; undefined where there are none. */
export function federatesWith(domain: DomainView, cluster: string): string | undefined {
  const others = domain.clusters.map((entry) => entry.name).filter((name) => name !== cluster);
  return others.length === 0 ? undefined : others.toSorted().map(clusterTrustDomain).join(',');
}
