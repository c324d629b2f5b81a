import { zClusterLink } from '../../model/cluster-link.ts';
import { zDomain, type Domain } from '../../model/domain.ts';
import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import { zMemberSlice, type MemberSlice } from '../../model/member-slice.ts';
import { zMembership, type Membership } from '../../model/membership.ts';
import { zMesh, type Mesh } from '../../model/mesh.ts';
import { zNodePeer, type NodePeer } from '../../model/node-peer.ts';
import { zRemoteSlice, type RemoteSlice } from '../../model/remote-slice.ts';
import type { ClusterLink } from '../../model/cluster-link.ts';
import type { ClusterSnapshot } from '../snapshot.ts';
import type { BrokenObject } from '../topology.ts';
import { podFacts, type PodFacts } from './pod-facts.ts';
import { objectReader, readAll } from './read-kind.ts';

/** One cluster's objects by kind, read. */
export interface ClusterFacts {
  readonly snapshot: ClusterSnapshot;
  readonly domains: readonly Domain[];
  readonly memberships: readonly Membership[];
  readonly nodePeers: readonly NodePeer[];
  readonly memberSlices: readonly MemberSlice[];
  readonly remoteSlices: readonly RemoteSlice[];
  readonly clusterLinks: readonly ClusterLink[];
  readonly meshes: readonly Mesh[];
  readonly pods: readonly PodFacts[];
  /** Objects of other kinds, by kind. */
  readonly byKind: ReadonlyMap<string, readonly KubernetesObject[]>;
  readonly broken: readonly BrokenObject[];
}

/** Readers of Flatland's kinds, by kind. */
export const READERS = {
  Domain: objectReader(zDomain),
  Membership: objectReader(zMembership),
  NodePeer: objectReader(zNodePeer),
  MemberSlice: objectReader(zMemberSlice),
  RemoteSlice: objectReader(zRemoteSlice),
  ClusterLink: objectReader(zClusterLink),
  Mesh: objectReader(zMesh),
} as const;

/** Sorts a cluster's objects by kind, namespace and name, and reads them. One bad object harms no other. */
export function clusterFacts(snapshot: ClusterSnapshot): ClusterFacts {
  const byKind = groupByKind(snapshot.objects);
  const broken: BrokenObject[] = [];
  const of = (kind: string) => byKind.get(kind) ?? [];
  const { cluster } = snapshot;
  return {
    snapshot,
    domains: readAll(READERS.Domain, of('Domain'), cluster, broken),
    memberships: readAll(READERS.Membership, of('Membership'), cluster, broken),
    nodePeers: readAll(READERS.NodePeer, of('NodePeer'), cluster, broken),
    memberSlices: readAll(READERS.MemberSlice, of('MemberSlice'), cluster, broken),
    remoteSlices: readAll(READERS.RemoteSlice, of('RemoteSlice'), cluster, broken),
    clusterLinks: readAll(READERS.ClusterLink, of('ClusterLink'), cluster, broken),
    meshes: readAll(READERS.Mesh, of('Mesh'), cluster, broken),
    pods: of('Pod').map(podFacts),
    byKind,
    broken,
  };
}

function groupByKind(objects: readonly KubernetesObject[]): Map<string, KubernetesObject[]> {
  const byKind = new Map<string, KubernetesObject[]>();
  for (const object of objects) {
    const group = byKind.get(object.kind);
    if (group) group.push(object);
    else byKind.set(object.kind, [object]);
  }
  for (const group of byKind.values()) group.sort(compareObjects);
  return byKind;
}

function compareObjects(a: KubernetesObject, b: KubernetesObject): number {
  return (
    compareText(a.metadata.namespace ?? '', b.metadata.namespace ?? '') ||
    compareText(a.metadata.name, b.metadata.name)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
