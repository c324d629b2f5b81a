import type { ClusterLink } from '@flatland/shared/model/cluster-link';
import type { Domain } from '@flatland/shared/model/domain';
import type { ClusterName, DomainName } from '@flatland/shared/model/names';
import { hubOrigins } from '../mirror/compile-hub.ts';
import type { MirrorInput } from '../mirror/compile-mirror.ts';
import { hubOf } from '../mirror/remote-slice-object.ts';
import type { OwnCluster } from '../run/own-cluster.ts';
import type { PeerCluster } from './peer-cluster.ts';

/** One mirror that a link keeps: what to compile, and whose hand it comes from. */
export interface LinkMirror {
  readonly input: Omit<MirrorInput, 'memory' | 'nowMs'>;
  readonly hub: ClusterName | undefined;
}

/** The mirrors of a link, read from both sides' caches: the origin itself, then what a hub passes on. */
export function linkMirrors(
  link: ClusterLink,
  sides: {
    readonly own: OwnCluster;
    readonly ownUid: string;
    readonly peer: PeerCluster;
    readonly peerUid: string;
    /** Domains as their home clusters have them, as far as any link shows. */
    readonly homeDomains: ReadonlyMap<DomainName, Domain>;
  },
): LinkMirror[] {
  const { own, peer } = sides;
  const pulls = link.spec.mode === 'pull';
  const from = pulls ? peer : own.watches;
  const into = pulls ? own.watches : peer;
  const origin = pulls
    ? { cluster: link.spec.cluster, uid: sides.peerUid }
    : { cluster: own.name, uid: sides.ownUid };
  const target = pulls ? own.name : link.spec.cluster;
  const slices = into.remoteSlices?.cache.list() ?? [];
  const shared = { target, domains: into.domains.cache.list(), homeDomains: sides.homeDomains };
  const direct: LinkMirror = {
    hub: undefined,
    input: {
      ...shared,
      origin,
      nodePeers: from.nodePeers.cache.list(),
      memberSlices: from.memberSlices.cache.list(),
      unreadable: new Set(from.nodePeers.cache.rejected().map(({ key }) => key)),
      originVersion: from.nodePeers.status().resourceVersion,
      current: slices.filter(
        (slice) => slice.spec.origin.cluster === origin.cluster && hubOf(slice) === undefined,
      ),
    },
  };
  if (!link.spec.hub) return [direct];
  const linked = pulls ? own.watches.clusterLinks.cache.list().map((other) => other.spec.cluster) : [];
  const passed = hubOrigins(origin.cluster, from.remoteSlices?.cache.list() ?? [], {
    cluster: target,
    slices,
    linked,
  });
  return [
    direct,
    ...passed.map((input) => ({
      hub: origin.cluster,
      input: { ...shared, ...input, unreadable: new Set<string>() },
    })),
  ];
}

/** The copies of Domains that a cluster holds as their home. */
export function homeCopies(cluster: ClusterName, domains: readonly Domain[]): [DomainName, Domain][] {
  return domains
    .filter((domain) => domain.spec.home === cluster)
    .map((domain) => [domain.metadata.name as DomainName, domain]);
}
