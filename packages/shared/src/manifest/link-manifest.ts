import { LINKS_SECRET, type ClusterLinkSpec } from '../model/cluster-link.ts';
import { FLATLAND_API_VERSION, OWNER_LABEL, OWNER_LABEL_VALUE } from '../model/kubernetes-object.ts';

/** What a link says besides where its token is. */
export type LinkTo = Pick<ClusterLinkSpec, 'cluster' | 'server' | 'caBundle' | 'mode' | 'hub'>;

/**
 * The ClusterLink to another cluster, whose token Flatland makes and keeps under the other cluster's name. A link that
 * pushes has a name of its own, so that a cluster may both read from another and write to it.
 */
export function linkManifest(to: LinkTo) {
  return {
    apiVersion: FLATLAND_API_VERSION,
    kind: 'ClusterLink',
    metadata: { name: linkName(to), labels: { [OWNER_LABEL]: OWNER_LABEL_VALUE } },
    spec: { ...to, secretName: LINKS_SECRET, secretKey: linkName(to) },
  };
}

/** Name of the ClusterLink, and of the token's entry. */
export function linkName({ cluster, mode }: Pick<LinkTo, 'cluster' | 'mode'>): string {
  return mode === 'pull' ? cluster : `${cluster}.push`;
}
