import {
  cidrContains,
  cidrFamily,
  cidrHasAddress,
  cidrsOverlap,
  compareAddress,
  compareCidr,
} from '@flatland/shared/address/arithmetic';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { NodePeerSpec } from '@flatland/shared/model/node-peer';
import type { ClusterFacts } from '@flatland/shared/topology/facts/cluster-facts';
import { remoteSides, type RemoteSide } from '@flatland/shared/topology/facts/remote-sides';
import type { PublicKey } from '../../core/noise/keys.ts';
import { compareText } from './compare-text.ts';
import type { CompileInput } from './compile-input.ts';
import { peerMtuBytes } from './domain-mtu.ts';
import type { NodeDomain } from './node-domains.ts';
import type { Finding, PeerProgram } from './node-program.ts';

/** Keeps a NAT's mapping alive (WireGuard's recommended value). */
export const NAT_KEEPALIVE_SECONDS = 25;

interface Announced {
  readonly cluster: string;
  readonly spec: NodePeerSpec;
}

/**
 * The domain's other nodes: the own cluster's from NodePeers, the others' from RemoteSlices. A block
 * counts only inside its origin's slices and, in the own cluster, where the node claims it; what two
 * nodes announce goes to the first in order. Of families that the own cluster has no slice of nothing is taken over.
 * Sorted by cluster and node.
 */
export function nodePeers(
  domain: NodeDomain,
  facts: ClusterFacts,
  claims: ReadonlyMap<Cidr, string>,
  input: CompileInput,
): { peers: PeerProgram[]; findings: Finding[] } {
  const findings: Finding[] = [];
  const peers: PeerProgram[] = [];
  const seenKeys = new Set<string>();
  const seenBlocks: { block: Cidr; node: string }[] = [];
  for (const { cluster, spec } of announcements(domain, facts, input, findings)) {
    const id = `${cluster}/${spec.node}`;
    if (seenKeys.has(spec.publicKey)) {
      findings.push({ reason: 'invalid-object', message: `${id} announces the key of another node` });
      continue;
    }
    seenKeys.add(spec.publicKey);
    const slices = domain.domain.spec.clusters.find((entry) => entry.name === cluster)?.slices ?? [];
    const blocks: Cidr[] = [];
    for (const block of spec.blocks.toSorted(compareCidr)) {
      const taken = seenBlocks.find((other) => cidrsOverlap(other.block, block));
      if (!slices.some((slice) => cidrContains(slice, block)))
        findings.push({ reason: 'outside-slice', message: `${id} announces ${block}, outside its slice` });
      else if (cluster === input.cluster && claims.get(block) !== spec.node)
        findings.push({ reason: 'slice-conflict', message: `${id} announces ${block} without claiming it` });
      else if (taken !== undefined)
        findings.push({ reason: 'slice-conflict', message: `${id} and ${taken.node} announce ${block}` });
      else {
        seenBlocks.push({ block, node: id });
        if (domain.families.includes(cidrFamily(block))) blocks.push(block);
      }
    }
    if (blocks.length === 0) continue;
    peers.push(peerProgram({ cluster, spec }, blocks, domain, input));
  }
  return { peers: peers.map((peer) => withRelaysOfItsFamilies(peer, peers)), findings };
}

/** A relay has to carry every family that the peer is reached in, for all of them go the same way. */
function withRelaysOfItsFamilies(peer: PeerProgram, peers: readonly PeerProgram[]): PeerProgram {
  const families = (one: PeerProgram) => new Set(one.blocks.map(cidrFamily));
  const carries = (id: string) => {
    const relay = peers.find((other) => `${other.cluster}/${other.node}` === id);
    return relay !== undefined && families(peer).isSubsetOf(families(relay));
  };
  return { ...peer, relays: peer.relays.filter(carries) };
}

function announcements(
  domain: NodeDomain,
  facts: ClusterFacts,
  input: CompileInput,
  findings: Finding[],
): Announced[] {
  const own = facts.nodePeers
    .filter(({ spec }) => spec.domain === domain.name && spec.node !== input.node)
    .map(({ spec }) => ({ cluster: input.cluster as string, spec }));
  const remote = sidesOf(domain, facts, input).flatMap(({ cluster, peers, unknownPayload }) => {
    if (unknownPayload !== undefined)
      findings.push({
        reason: 'unknown-payload',
        message: `${cluster} writes payload version ${unknownPayload}`,
      });
    return peers.filter((peer) => peer.domain === domain.name).map((spec) => ({ cluster, spec }));
  });
  return [...own, ...remote].toSorted((a, b) =>
    compareText(`${a.cluster}/${a.spec.node}`, `${b.cluster}/${b.spec.node}`),
  );
}

/** The other clusters' sides of a domain. */
export function sidesOf(domain: NodeDomain, facts: ClusterFacts, input: CompileInput): RemoteSide[] {
  const slices = facts.remoteSlices.filter(
    ({ spec }) => spec.domain === domain.name && spec.origin.cluster !== input.cluster,
  );
  return remoteSides(slices);
}

function peerProgram(
  { cluster, spec }: Announced,
  blocks: readonly Cidr[],
  domain: NodeDomain,
  input: CompileInput,
): PeerProgram {
  const sameCluster = cluster === input.cluster;
  const self = `${input.cluster}/${input.node}`;
  const id = `${cluster}/${spec.node}`;
  const declared = spec.via.map((via) => `${via.cluster}/${via.node}`);
  return {
    cluster,
    node: spec.node,
    // The schema admits nothing else.
    publicKey: spec.publicKey as PublicKey,
    blocks,
    routerAddresses: spec.routerAddresses
      .filter((address) => blocks.some((block) => cidrHasAddress(block, address)))
      .toSorted(compareAddress),
    candidates: spec.candidates.filter(
      (candidate) => sameCluster || !spec.behindNat || candidate.source !== 'interface',
    ),
    relays: relaysBetween({ id: self, relays: input.local.relays }, { id, relays: declared }),
    behindNat: spec.behindNat,
    persistentKeepaliveSeconds:
      input.local.natFamilies.length > 0 && !sameCluster ? NAT_KEEPALIVE_SECONDS : 0,
    mtuBytes: peerMtuBytes(domain, input.local.underlay, spec.underlayMtuBytes),
  };
}

interface RelayWishes {
  /** `cluster/node`. */
  readonly id: string;
  readonly relays: readonly string[];
}

/** Relays that either end declares. Both ends must come to one order: packets come back the way that they went. */
function relaysBetween(a: RelayWishes, b: RelayWishes): string[] {
  const [first, second] = a.id < b.id ? [a, b] : [b, a];
  return [...new Set([...first.relays, ...second.relays])].filter(
    (relay) => relay !== a.id && relay !== b.id,
  );
}
