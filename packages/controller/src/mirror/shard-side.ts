import type { MemberSliceSpec } from '@flatland/shared/model/member-slice';
import type { NodePeerSpec } from '@flatland/shared/model/node-peer';
import { MAX_SHARD_BITS } from '@flatland/shared/model/remote-slice';

/**
 * An API keeps no object of more than 1.5 MiB, and each change of a member writes its slice anew: a slice is split well
 * before, and two are joined once they are small together, so that none goes to and fro.
 */
export const MAX_SLICE_BYTES = 256 * 1024;
const JOIN_RATIO = 4;

/** The nodes of a side whose names' hashes begin with some bits; '' is all of them. */
export interface SidePart {
  readonly shard: string;
  readonly peers: readonly NodePeerSpec[];
  readonly members: readonly MemberSliceSpec[];
}

interface Node {
  readonly bits: string;
  readonly bytes: number;
  readonly peer: NodePeerSpec | undefined;
  readonly members: MemberSliceSpec | undefined;
}

/**
 * Divides a side's nodes into parts of limited size. Stable: a node stays in its part while that is not split, and the
 * parts that are there, `current`, stay as they are unless one is too large or two are small. Sorted.
 */
export function shardSide(
  side: { readonly peers: readonly NodePeerSpec[]; readonly members: readonly MemberSliceSpec[] },
  current: readonly string[],
  maxBytes: number,
): SidePart[] {
  const nodes = nodesOf(side);
  const leaves = new Map<string, readonly Node[]>();
  for (const shard of leavesOf(current)) leaves.set(shard, under(nodes, shard));
  const before = [...leaves.keys()];
  for (const shard of before) split(leaves, shard, maxBytes);
  for (const shard of [...leaves.keys()].toSorted((a, b) => b.length - a.length))
    join(leaves, shard, maxBytes / JOIN_RATIO);
  return [...leaves]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([shard, own]) => ({
      shard,
      peers: own.flatMap(({ peer }) => peer ?? []),
      members: own.flatMap(({ members }) => members ?? []),
    }));
}

/** The leaves of the smallest tree of bits that has all of these shards in it. */
function leavesOf(shards: readonly string[]): string[] {
  const inner = new Set(shards.flatMap((shard) => Array.from(shard, (_, length) => shard.slice(0, length))));
  if (inner.size === 0) return [''];
  return [...inner].flatMap((shard) => [`${shard}0`, `${shard}1`].filter((child) => !inner.has(child)));
}

function split(leaves: Map<string, readonly Node[]>, shard: string, maxBytes: number): void {
  const nodes = leaves.get(shard) ?? [];
  if (sizeOf(nodes) <= maxBytes || nodes.length < 2 || shard.length === MAX_SHARD_BITS) return;
  leaves.delete(shard);
  for (const child of [`${shard}0`, `${shard}1`]) {
    leaves.set(child, under(nodes, child));
    split(leaves, child, maxBytes);
  }
}

function join(leaves: Map<string, readonly Node[]>, shard: string, maxBytes: number): void {
  if (shard === '') return;
  const parent = shard.slice(0, -1);
  const [low, high] = [leaves.get(`${parent}0`), leaves.get(`${parent}1`)];
  if (low === undefined || high === undefined) return;
  const nodes = [...low, ...high].toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
  if (sizeOf(nodes) > maxBytes) return;
  leaves.delete(`${parent}0`);
  leaves.delete(`${parent}1`);
  leaves.set(parent, nodes);
  join(leaves, parent, maxBytes);
}

function under(nodes: readonly Node[], shard: string): Node[] {
  return nodes.filter(({ bits }) => bits.startsWith(shard));
}

function sizeOf(nodes: readonly Node[]): number {
  return nodes.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** A side by node, sorted by the nodes' names. */
function nodesOf(side: Parameters<typeof shardSide>[0]): Node[] {
  const peers = new Map<string, NodePeerSpec>(side.peers.map((peer) => [peer.node, peer]));
  const members = new Map<string, MemberSliceSpec>(side.members.map((slice) => [slice.node, slice]));
  return [...new Set([...peers.keys(), ...members.keys()])].toSorted().map((name) => {
    const [peer, slice] = [peers.get(name), members.get(name)];
    const bytes = (peer === undefined ? 0 : PEER_BYTES) + (slice === undefined ? 0 : membersBytes(slice));
    return { bits: bitsOf(name), bytes, peer, members: slice };
  });
}

function nameOf({ peer, members }: Node): string {
  return peer?.node ?? members?.node ?? '';
}

/** A NodePeer with two endpoints and blocks of both families takes less. */
const PEER_BYTES = 1024;
/** Field names and punctuation of a member and of a slice without members. */
const MEMBER_BYTES = 160;
/** A port with a long name. */
const PORT_BYTES = 56;

/** About the size as JSON, without making it. */
function membersBytes(slice: MemberSliceSpec): number {
  let bytes = MEMBER_BYTES;
  for (const { pod, workload, addresses, dnsNames, identity, ports = [] } of slice.members) {
    bytes += MEMBER_BYTES + pod.namespace.length + pod.name.length + pod.uid.length;
    bytes += workload.name.length + identity.length + ports.length * PORT_BYTES;
    for (const text of [...addresses, ...dnsNames]) bytes += text.length + 3;
  }
  return bytes;
}

/** The leading bits of the FNV-1a hash of a name, its bits mixed once more: names differ in their last letters only. */
function bitsOf(name: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0).toString(2).padStart(32, '0').slice(0, MAX_SHARD_BITS);
}
