import type { Domain } from '@flatland/shared/model/domain';
import type { ClusterName } from '@flatland/shared/model/names';
import type { RemoteSlice } from '@flatland/shared/model/remote-slice';
import { isOwned } from '../mirror/remote-slice-object.ts';

/**
 * RemoteSlices that no Domain asks for any more, whoever wrote them: the domain is gone, or spans the own cluster or
 * the origin no longer. None while the list of Domains is empty.
 */
export function obsoleteSlices(
  cluster: ClusterName,
  domains: readonly Domain[],
  slices: readonly RemoteSlice[],
): RemoteSlice[] {
  if (domains.length === 0) return [];
  const spans = new Map(
    domains.map((domain) => [
      domain.metadata.name,
      new Set<string>(domain.spec.clusters.map(({ name }) => name)),
    ]),
  );
  return slices.filter((slice) => {
    const clusters = spans.get(slice.spec.domain);
    const wanted = clusters !== undefined && clusters.has(cluster) && clusters.has(slice.spec.origin.cluster);
    return isOwned(slice) && !wanted;
  });
}
