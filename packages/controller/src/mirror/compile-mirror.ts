import type { Domain } from '@flatland/shared/model/domain';
import type { MemberSlice } from '@flatland/shared/model/member-slice';
import type { ClusterName, DomainName, NodeName } from '@flatland/shared/model/names';
import type { NodePeer } from '@flatland/shared/model/node-peer';
import { PAYLOAD_VERSION_OF } from '@flatland/shared/model/remote-slice';
import type { RemoteSlice, RemoteSliceSpec } from '@flatland/shared/model/remote-slice';
import { remoteSides } from '@flatland/shared/topology/facts/remote-sides';
import { compareResourceVersions } from '@flatland/kube/client/list-watch/resource-version';
import { allowedSlices } from './allowed-slices.ts';
import { compareDrops, dropsMessage } from './drop.ts';
import type { Drop } from './drop.ts';
import { HOLD_MS, holdLosses } from './hold-losses.ts';
import type { Departures, HoldRuling } from './hold-losses.ts';
import { originVersionOf, remoteSliceName } from './remote-slice-object.ts';
import { MAX_SLICE_BYTES, shardSide } from './shard-side.ts';
import { siftMembers } from './sift-members.ts';
import { siftPeers } from './sift-peers.ts';

/** What is remembered from one compilation to the next, for one origin. */
export interface MirrorMemory {
  /** By domain. */
  readonly departures: ReadonlyMap<DomainName, Departures>;
  /** When another cluster first answered in the origin's place. */
  readonly replacedAtMs: number | undefined;
}

export const NO_MEMORY: MirrorMemory = { departures: new Map(), replacedAtMs: undefined };

export interface MirrorInput {
  /** Whose side is mirrored: its name here, and the uid of its kube-system Namespace. */
  readonly origin: { readonly cluster: ClusterName; readonly uid: string };
  /** The epoch that a hub passes on; else it is kept here. */
  readonly epoch?: number;
  /** The cluster that holds the mirror. */
  readonly target: ClusterName;
  /** The target's Domains. None deletes nothing. */
  readonly domains: readonly Domain[];
  /** Copies of the Domains in their home clusters, as far as they are known. */
  readonly homeDomains: ReadonlyMap<DomainName, Domain>;
  /** The origin's complete lists. */
  readonly nodePeers: readonly NodePeer[];
  readonly memberSlices: readonly MemberSlice[];
  /** Names of the origin's NodePeers that could not be read. */
  readonly unreadable: ReadonlySet<string>;
  /** The version that the list of NodePeers stands for. */
  readonly originVersion: string;
  /** What the target holds of this origin. */
  readonly current: readonly RemoteSlice[];
  readonly memory: MirrorMemory;
  readonly nowMs: number;
  /** @default MAX_SLICE_BYTES */
  readonly maxSliceBytes?: number;
}

/** A RemoteSlice as the target should have it. */
export interface MirroredSlice {
  readonly name: string;
  readonly spec: RemoteSliceSpec;
  readonly originVersion: string;
}

/** One domain of the origin, as the target should hold it. */
export interface MirroredDomain {
  readonly domain: DomainName;
  /** All of the origin's nodes there are in one of them, sorted by name. */
  readonly slices: readonly MirroredSlice[];
  readonly drops: readonly Drop[];
  readonly hold: Pick<HoldRuling, 'held' | 'reason'>;
}

export interface Mirror {
  /** Sorted by domain. */
  readonly domains: readonly MirroredDomain[];
  /** Slices of domains that the origin is not in any more. */
  readonly obsolete: readonly RemoteSlice[];
  readonly memory: MirrorMemory;
  /** When to compile again although nothing changed; Infinity for never. */
  readonly nextMs: number;
}

/** What a target should hold of an origin: its peers and members inside its slices, and what is held back from vanishing. */
export function compileMirror(input: MirrorInput): Mirror {
  const shared = input.domains.filter(
    (domain) => spans(domain, input.origin.cluster) && spans(domain, input.target),
  );
  const current = Map.groupBy(input.current, (slice) => slice.spec.domain);
  const replaced = heldReplacement(input);
  const departures = new Map<DomainName, Departures>();
  let nextMs = replaced.nextMs;
  const domains = shared
    .map((domain) => domain.metadata.name as DomainName)
    .toSorted()
    .flatMap((name): MirroredDomain[] => {
      const held = current.get(name) ?? [];
      if (replaced.holds) return held.length === 0 ? [] : [keepWhole(name, held)];
      const compiled = compileDomain(name, { input, current: held });
      if (compiled === undefined) return [];
      departures.set(name, compiled.ruling.departures);
      nextMs = Math.min(nextMs, compiled.ruling.nextMs);
      return [compiled.domain];
    });
  const names = new Set(shared.map((domain) => domain.metadata.name));
  return {
    domains,
    obsolete:
      input.domains.length === 0 ? [] : input.current.filter((slice) => !names.has(slice.spec.domain)),
    memory: { departures, replacedAtMs: replaced.sinceMs },
    nextMs,
  };
}

function compileDomain(
  name: DomainName,
  { input, current }: { readonly input: MirrorInput; readonly current: readonly RemoteSlice[] },
): { domain: MirroredDomain; ruling: HoldRuling } | undefined {
  const own = input.domains.find((domain) => domain.metadata.name === name)?.spec;
  if (own === undefined) return undefined;
  const slices = allowedSlices(input.origin.cluster, { own, home: input.homeDomains.get(name)?.spec });
  const sifted = siftPeers(name, input.nodePeers, slices);
  const siftedMembers = siftMembers(name, input.memberSlices, sifted.peers);
  // What another cluster under the same name left is nothing of this origin's.
  const ours = current.filter(({ spec }) => spec.origin.uid === input.origin.uid);
  const before = remoteSides(ours)[0] ?? { peers: [], members: [] };
  const mirrored = before.peers.map((peer) => peer.node);
  const listed = sifted.peers.map((peer) => peer.node);
  const unread = mirrored.filter((node) => input.unreadable.has(`${name}.${node}`));
  const ruling = holdLosses({
    mirrored,
    listed: [...listed, ...unread],
    listIsEmpty: input.nodePeers.length === 0 && input.unreadable.size === 0,
    departures: input.memory.departures.get(name) ?? new Map(),
    nowMs: input.nowMs,
  });
  const kept = new Set<NodeName>([...ruling.held, ...unread.filter((node) => !listed.includes(node))]);
  // A list of members that came empty says nothing about them; with peers, their nodes are still there.
  const membersAreMissing = input.memberSlices.length === 0;
  const keptMembers = before.members.filter(
    ({ node }) => kept.has(node) || (membersAreMissing && listed.includes(node)),
  );
  const keptPeers = before.peers.filter(({ node }) => kept.has(node));
  if (current.length === 0 && sifted.peers.length === 0) return undefined;
  const origin = { ...input.origin, epoch: epochOf(input, current) };
  const parts = shardSide(
    {
      peers: [...withoutClaimsOf(keptPeers, sifted.peers), ...sifted.peers],
      members: [...keptMembers, ...siftedMembers.members],
    },
    ours.map(({ spec }) => spec.shard ?? ''),
    input.maxSliceBytes ?? MAX_SLICE_BYTES,
  );
  return {
    ruling,
    domain: {
      domain: name,
      drops: [...sifted.drops, ...siftedMembers.drops].toSorted(compareDrops),
      hold: ruling,
      slices: parts.map(({ shard, peers, members }) => ({
        name: remoteSliceName(input.origin.cluster, name, shard),
        originVersion: input.originVersion,
        spec: {
          origin,
          domain: name,
          payloadVersion: shard === '' ? PAYLOAD_VERSION_OF.whole : PAYLOAD_VERSION_OF.shard,
          ...(shard !== '' && { shard }),
          peers: [...peers],
          members: [...members],
        },
      })),
    },
  };
}

/** Held nodes lose what a listed one has claimed since. */
function withoutClaimsOf(
  held: readonly RemoteSliceSpec['peers'][number][],
  listed: readonly RemoteSliceSpec['peers'][number][],
): RemoteSliceSpec['peers'] {
  const taken = new Set(listed.flatMap((peer) => peer.blocks));
  const keys = new Set(listed.map((peer) => peer.publicKey));
  return held
    .filter((peer) => !keys.has(peer.publicKey))
    .map((peer) => ({ ...peer, blocks: peer.blocks.filter((block) => !taken.has(block)) }));
}

/** Another uid under the origin's name is another cluster: what is mirrored stays ten minutes, for a link may be wrong. */
function heldReplacement(input: MirrorInput): {
  holds: boolean;
  sinceMs: number | undefined;
  nextMs: number;
} {
  const others = input.current.filter(
    (slice) => slice.spec.origin.uid !== input.origin.uid && slice.spec.peers.length > 0,
  );
  if (others.length === 0) return { holds: false, sinceMs: undefined, nextMs: Infinity };
  const sinceMs = input.memory.replacedAtMs ?? input.nowMs;
  const untilMs = sinceMs + HOLD_MS;
  return input.nowMs < untilMs
    ? { holds: true, sinceMs, nextMs: untilMs }
    : { holds: false, sinceMs, nextMs: Infinity };
}

function keepWhole(domain: DomainName, slices: readonly RemoteSlice[]): MirroredDomain {
  return {
    domain,
    drops: [],
    hold: {
      held: slices.flatMap(({ spec }) => spec.peers.map((peer) => peer.node)).toSorted(),
      reason: 'nodes-lost-held',
    },
    slices: slices
      .map((slice) => ({
        name: slice.metadata.name,
        spec: slice.spec,
        originVersion: originVersionOf(slice),
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** Rises when the origin became another cluster, or its versions went back: then its history was lost or restored. */
function epochOf(input: MirrorInput, current: readonly RemoteSlice[]): number {
  if (input.epoch !== undefined) return input.epoch;
  const epoch = Math.max(0, ...current.map(({ spec }) => spec.origin.epoch));
  if (epoch === 0) return 1;
  // Slices that are not rewritten yet are of the epoch before.
  const latest = current.filter(({ spec }) => spec.origin.epoch === epoch);
  const isRestored = latest.some((slice) => {
    const order = compareResourceVersions(input.originVersion, originVersionOf(slice));
    return order !== undefined && order < 0;
  });
  return isRestored || latest.every(({ spec }) => spec.origin.uid !== input.origin.uid) ? epoch + 1 : epoch;
}

function spans(domain: Domain, cluster: ClusterName): boolean {
  return domain.spec.clusters.some((entry) => entry.name === cluster);
}

/** One line for a condition: which nodes are held. */
export function heldMessage(mirrored: readonly MirroredDomain[]): string {
  const held = mirrored.flatMap(({ domain, hold }) => hold.held.map((node) => `${domain}/${node}`));
  return held.length > 3 ? `${held.slice(0, 3).join(', ')} and ${held.length - 3} more` : held.join(', ');
}

/** All drops of a mirror in one line. */
export function mirrorDropsMessage(mirrored: readonly MirroredDomain[]): string {
  return dropsMessage(mirrored.flatMap(({ drops }) => drops));
}
