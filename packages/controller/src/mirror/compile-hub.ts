import type { NodePeer } from '@flatland/shared/model/node-peer';
import { FLATLAND_API_VERSION } from '@flatland/shared/model/kubernetes-object';
import type { MemberSlice } from '@flatland/shared/model/member-slice';
import type { ClusterName } from '@flatland/shared/model/names';
import { REMOTE_PAYLOAD_VERSION } from '@flatland/shared/model/remote-slice';
import type { RemoteSlice } from '@flatland/shared/model/remote-slice';
import type { MirrorInput } from './compile-mirror.ts';
import { hubOf, originVersionOf } from './remote-slice-object.ts';

/**
 * The origins that a hub passes on to a target, each as input of `compileMirror`. A hub passes on only what it had
 * from the origin itself, never to the origin, and never over what the target has in another way.
 */
export function hubOrigins(
  hub: ClusterName,
  slices: readonly RemoteSlice[],
  target: {
    readonly cluster: ClusterName;
    readonly slices: readonly RemoteSlice[];
    /** Clusters that the target's own links lead to. */
    readonly linked: readonly ClusterName[];
  },
): Pick<MirrorInput, 'origin' | 'epoch' | 'nodePeers' | 'memberSlices' | 'originVersion' | 'current'>[] {
  const otherwise = new Set<string>([target.cluster, hub, ...target.linked]);
  for (const slice of target.slices) if (hubOf(slice) !== hub) otherwise.add(slice.spec.origin.cluster);
  const passed = slices.filter(
    (slice) =>
      hubOf(slice) === undefined &&
      slice.spec.payloadVersion <= REMOTE_PAYLOAD_VERSION &&
      !otherwise.has(slice.spec.origin.cluster),
  );
  const byOrigin = Map.groupBy(passed, (slice) => slice.spec.origin.cluster);
  return [...byOrigin]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([cluster, ofOrigin]) => {
      const newest = ofOrigin.reduce((a, b) => (b.spec.origin.epoch > a.spec.origin.epoch ? b : a));
      return {
        origin: { cluster, uid: newest.spec.origin.uid },
        epoch: newest.spec.origin.epoch,
        nodePeers: ofOrigin.flatMap(peersOf),
        memberSlices: ofOrigin.flatMap(membersOf),
        originVersion: originVersionOf(newest),
        current: target.slices.filter((slice) => slice.spec.origin.cluster === cluster),
      };
    });
}

function peersOf(slice: RemoteSlice): NodePeer[] {
  return slice.spec.peers.map((spec) => ({
    apiVersion: FLATLAND_API_VERSION,
    kind: 'NodePeer',
    metadata: { name: `${spec.domain}.${spec.node}` },
    spec,
  }));
}

function membersOf(slice: RemoteSlice): MemberSlice[] {
  return slice.spec.members.map((spec) => ({
    apiVersion: FLATLAND_API_VERSION,
    kind: 'MemberSlice',
    metadata: { name: `${spec.domain}.${spec.node}` },
    spec,
  }));
}
