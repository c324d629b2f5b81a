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
import { kindReader } from './read-kind.ts';

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

const readDomains = kindReader(zDomain);
const readMemberships = kindReader(zMembership);
const readNodePeers = kindReader(zNodePeer);
const readMemberSlices = kindReader(zMemberSlice);
const readRemoteSlices = kindReader(zRemoteSlice);
const readClusterLinks = kindReader(zClusterLink);
const readMeshes = kindReader(zMesh);

/** Sorts a cluster's objects by kind, namespace and name, and reads them. One bad object harms no other. */
export function clusterFacts(snapshot: ClusterSnapshot): ClusterFacts {
  const byKind = groupByKind(snapshot.objects);
  const broken: BrokenObject[] = [];
  const of = (kind: string) => byKind.get(kind) ?? [];
  const { cluster } = snapshot;
  return {
    snapshot,
    domains: readDomains(of('Domain'), cluster, broken),
    memberships: readMemberships(of('Membership'), cluster, broken),
    nodePeers: readNodePeers(of('NodePeer'), cluster, broken),
    memberSlices: readMemberSlices(of('MemberSlice'), cluster, broken),
    remoteSlices: readRemoteSlices(of('RemoteSlice'), cluster, broken),
    clusterLinks: readClusterLinks(of('ClusterLink'), cluster, broken),
    meshes: readMeshes(of('Mesh'), cluster, broken),
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
