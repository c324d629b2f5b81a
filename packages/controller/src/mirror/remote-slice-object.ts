import {
  FLATLAND_API_VERSION,
  OWNER_LABEL,
  OWNER_LABEL_VALUE,
} from '@flatland/shared/model/kubernetes-object';
import type { ClusterName, DomainName } from '@flatland/shared/model/names';
import type { RemoteSlice, RemoteSliceSpec } from '@flatland/shared/model/remote-slice';

/** The version of the origin's list of NodePeers that a slice was made from. */
const ORIGIN_VERSION_ANNOTATION = 'flatland.dev/origin-resource-version';
/** On slices that did not come from their origin itself: the hub that passed them on. */
const HUB_LABEL = 'flatland.dev/hub';

/** Name of the RemoteSlice of a cluster's side of a domain, or of a part of it. */
export function remoteSliceName(cluster: ClusterName, domain: DomainName, shard = ''): string {
  return shard === '' ? `${cluster}.${domain}` : `${cluster}.${domain}.${shard}`;
}

/** The RemoteSlice that a mirror writes. `owner` is the ClusterLink that it goes away with. */
export function remoteSliceObject(
  spec: RemoteSliceSpec,
  source: {
    readonly originVersion: string;
    readonly hub?: string | undefined;
    readonly owner?: { readonly name: string; readonly uid: string } | undefined;
  },
): RemoteSlice {
  return {
    apiVersion: FLATLAND_API_VERSION,
    kind: 'RemoteSlice',
    metadata: {
      name: remoteSliceName(spec.origin.cluster, spec.domain, spec.shard),
      labels: {
        [OWNER_LABEL]: OWNER_LABEL_VALUE,
        'flatland.dev/domain': spec.domain,
        'flatland.dev/origin': spec.origin.cluster,
        ...(source.hub === undefined ? {} : { [HUB_LABEL]: source.hub }),
      },
      annotations: { [ORIGIN_VERSION_ANNOTATION]: source.originVersion },
      ...(source.owner === undefined
        ? {}
        : { ownerReferences: [{ apiVersion: FLATLAND_API_VERSION, kind: 'ClusterLink', ...source.owner }] }),
    },
    spec,
  };
}

/** The origin's version that a slice was made from; empty when it does not say. */
export function originVersionOf(slice: RemoteSlice): string {
  return slice.metadata.annotations?.[ORIGIN_VERSION_ANNOTATION] ?? '';
}

/** The hub that passed a slice on; undefined when it came from its origin. */
export function hubOf(slice: RemoteSlice): string | undefined {
  return slice.metadata.labels?.[HUB_LABEL];
}

/** Whether Flatland made an object: nothing else is ever overwritten or deleted. */
export function isOwned(object: {
  readonly metadata: { readonly labels?: Record<string, string> | undefined };
}): boolean {
  return object.metadata.labels?.[OWNER_LABEL] === OWNER_LABEL_VALUE;
}
