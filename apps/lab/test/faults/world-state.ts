import {
  AddressBlock,
  ClusterLink,
  Domain,
  Membership,
  MemberSlice,
  NodePeer,
  RemoteSlice,
} from '@flatland/kube/client/resources';
import { cidrContains } from '@flatland/shared/address/arithmetic';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { AddressBlock as AddressBlockObject } from '@flatland/shared/model/address-block';
import type { Condition } from '@flatland/shared/model/kubernetes-object';
import type { MemberSlice as MemberSliceObject, MemberSliceSpec } from '@flatland/shared/model/member-slice';
import type { NodePeer as NodePeerObject } from '@flatland/shared/model/node-peer';
import type { RemoteSlice as RemoteSliceObject } from '@flatland/shared/model/remote-slice';
import { remoteSides } from '@flatland/shared/topology/facts/remote-sides';
import type { KubeObject } from '../../src/workloads/kinds/meta.ts';
import type { FaultCluster } from './fault-cluster.ts';
import type { FaultWorld } from './fault-world.ts';

type WithStatus = KubeObject & { status?: { conditions?: Condition[]; memberCount?: number } };

export interface ClusterState {
  /** By MemberSlice. */
  readonly members: Readonly<Record<string, SliceState>>;
  readonly peers: readonly string[];
  /** By origin and domain. */
  readonly remote: Readonly<Record<string, unknown>>;
  /** Of Domains, Memberships and ClusterLinks. */
  readonly statuses: Readonly<Record<string, unknown>>;
}

interface SliceState {
  readonly members: readonly string[];
  readonly refused: readonly string[];
}

/** What all clusters hold, without names that differ from run to run (uids, addresses, keys, times). */
export async function stateOf(world: FaultWorld): Promise<Record<string, ClusterState>> {
  const entries = [...world.clusters.values()].map(async (cluster) => [
    cluster.name,
    await clusterState(cluster),
  ]);
  return Object.fromEntries(await Promise.all(entries)) as Record<string, ClusterState>;
}

async function clusterState(cluster: FaultCluster): Promise<ClusterState> {
  const slices = await cluster.list<MemberSliceObject>(MemberSlice);
  const sides = remoteSides(await cluster.list<RemoteSliceObject>(RemoteSlice));
  return {
    members: byName(slices.map(({ metadata, spec }) => [metadata.name, membersOf(spec)])),
    peers: (await cluster.list<NodePeerObject>(NodePeer)).map(({ metadata }) => metadata.name).toSorted(),
    remote: byName(
      sides.map((side) => [
        `${side.cluster}.${side.domain}`,
        {
          peers: side.peers.map(({ node }) => node).toSorted(),
          members: byName(side.members.map((spec) => [spec.node, membersOf(spec)])),
          conditions: conditionsOf(side.conditions),
        },
      ]),
    ),
    statuses: byName(
      [
        ...(await cluster.list<WithStatus>(Domain)),
        ...(await cluster.list<WithStatus>(Membership)),
        ...(await cluster.list<WithStatus>(ClusterLink)),
      ].map(({ kind, metadata, status }) => [
        `${kind} ${metadata.name}`,
        { conditions: conditionsOf(status?.conditions ?? []), memberCount: status?.memberCount },
      ]),
    ),
  };
}

/** What is wrong with the world as it stands: mirrors that differ, addresses with two owners, packets' ways missing. */
export async function contradictions(world: FaultWorld): Promise<string[]> {
  const wrong: string[] = [];
  const owners = new Map<string, string>();
  for (const cluster of world.clusters.values()) {
    const slices = await cluster.list<MemberSliceObject>(MemberSlice);
    const peers = await cluster.list<NodePeerObject>(NodePeer);
    const blocks = await cluster.list<AddressBlockObject>(AddressBlock);
    for (const { spec } of slices) {
      const own = blocks.filter(
        (block) => block.spec.domain === spec.domain && block.spec.node === spec.node,
      );
      const node = cluster.nodes.find(({ name }) => name === spec.node);
      for (const { pod, addresses } of spec.members) {
        const programmed =
          node?.memory.interfaces(pod.uid).flatMap((each) => each.addresses.map(String)) ?? [];
        for (const address of addresses) {
          const owner = owners.get(`${spec.domain} ${address}`);
          if (owner !== undefined) wrong.push(`${address} is ${owner}'s and ${pod.name}'s`);
          owners.set(`${spec.domain} ${address}`, pod.name);
          if (!own.some((block) => cidrContains(block.spec.prefix, `${address}/32` as Cidr)))
            wrong.push(`${address} of ${pod.name} is in no block of ${spec.node}`);
          if (!programmed.some((text) => text.startsWith(address)))
            wrong.push(`${address} is not on ${pod.name}`);
        }
      }
    }
    for (const other of world.clusters.values()) {
      if (other === cluster) continue;
      const sides = remoteSides(await other.list<RemoteSliceObject>(RemoteSlice));
      for (const side of sides.filter((each) => each.cluster === cluster.name)) {
        const of = <T extends { domain: string; node: string }>(specs: readonly T[]) =>
          specs.filter(({ domain }) => domain === side.domain).toSorted((a, b) => (a.node < b.node ? -1 : 1));
        const [members, seen] = [of(slices.map(({ spec }) => spec)), of(side.members)];
        if (JSON.stringify(strip(members)) !== JSON.stringify(strip(seen)))
          wrong.push(`${other.name} holds other members of ${cluster.name} in ${side.domain}`);
        const keys = (specs: readonly { node: string; publicKey: string; blocks: readonly string[] }[]) =>
          specs.map(({ node, publicKey, blocks: of_ }) => `${node} ${publicKey} ${of_.toSorted().join()}`);
        if (keys(of(peers.map(({ spec }) => spec))).join('\n') !== keys(of(side.peers)).join('\n'))
          wrong.push(`${other.name} holds other peers of ${cluster.name} in ${side.domain}`);
      }
    }
  }
  return wrong;
}

function membersOf(spec: MemberSliceSpec): SliceState {
  return {
    members: spec.members.map(({ pod }) => pod.name).toSorted(),
    refused: spec.refused.map(({ pod, reason }) => `${pod.name} ${reason}`).toSorted(),
  };
}

function strip(specs: readonly MemberSliceSpec[]): unknown {
  return specs.map(({ node, members }) => [
    node,
    members.map(({ pod, addresses }) => `${pod.uid} ${addresses.join()}`).toSorted(),
  ]);
}

function conditionsOf(conditions: readonly Condition[]): string[] {
  return conditions.map(({ type, status, reason }) => `${type}=${status}(${reason})`).toSorted();
}

function byName<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
