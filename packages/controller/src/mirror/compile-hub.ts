import type { NodePeer, NodePeerSpec } from '@flatland/shared/model/node-peer';
import { FLATLAND_API_VERSION } from '@flatland/shared/model/kubernetes-object';
import type { MemberSlice, MemberSliceSpec } from '@flatland/shared/model/member-slice';
import type { ClusterName } from '@flatland/shared/model/names';
import { REMOTE_PAYLOAD_VERSION } from '@flatland/shared/model/remote-slice';
import type { RemoteSlice } from '@flatland/shared/model/remote-slice';
import { remoteSides } from '@flatland/shared/topology/facts/remote-sides';
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
      const sides = remoteSides(ofOrigin).filter(({ uid }) => uid === newest.spec.origin.uid);
      return {
        origin: { cluster, uid: newest.spec.origin.uid },
        epoch: newest.spec.origin.epoch,
        nodePeers: sides.flatMap(({ peers }) => peers.map(nodePeerOf)),
        memberSlices: sides.flatMap(({ members }) => members.map(memberSliceOf)),
        originVersion: originVersionOf(newest),
        current: target.slices.filter((slice) => slice.spec.origin.cluster === cluster),
      };
    });
}

function nodePeerOf(spec: NodePeerSpec): NodePeer {
  return {
    apiVersion: FLATLAND_API_VERSION,
    kind: 'NodePeer',
    metadata: { name: `${spec.domain}.${spec.node}` },
    spec,
  };
}

function memberSliceOf(spec: MemberSliceSpec): MemberSlice {
  return {
    apiVersion: FLATLAND_API_VERSION,
    kind: 'MemberSlice',
    metadata: { name: `${spec.domain}.${spec.node}` },
    spec,
  };
}
