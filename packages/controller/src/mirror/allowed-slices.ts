import { cidrContains, cidrsOverlap, compareCidr } from '@flatland/shared/address/arithmetic';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { DomainSpec } from '@flatland/shared/model/domain';
import type { ClusterName } from '@flatland/shared/model/names';

/**
 * The slices that a cluster may announce addresses of: those of the own copy of the Domain that lie in a prefix,
 * overlap no other cluster's, and, where the home cluster's copy is known, are in that copy's slices too.
 */
export function allowedSlices(
  cluster: ClusterName,
  copies: { readonly own: DomainSpec; readonly home: DomainSpec | undefined },
): Cidr[] {
  const { own, home } = copies;
  const others = own.clusters.filter((entry) => entry.name !== cluster).flatMap((entry) => entry.slices);
  return slicesOf(cluster, own)
    .filter((slice) => own.prefixes.some((prefix) => cidrContains(prefix, slice)))
    .filter((slice) => !others.some((other) => cidrsOverlap(other, slice)))
    .filter(
      (slice) => home === undefined || slicesOf(cluster, home).some((other) => cidrContains(other, slice)),
    )
    .toSorted(compareCidr);
}

function slicesOf(cluster: ClusterName, spec: DomainSpec): readonly Cidr[] {
  return spec.clusters.find((entry) => entry.name === cluster)?.slices ?? [];
}
