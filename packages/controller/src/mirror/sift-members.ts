import { cidrSize } from '@flatland/shared/address/arithmetic';
import { cidrValue } from '@flatland/shared/address/cidr';
import type { Cidr } from '@flatland/shared/address/cidr';
import { ipValue } from '@flatland/shared/address/ip';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { Member, MemberSlice, MemberSliceSpec } from '@flatland/shared/model/member-slice';
import type { DomainName } from '@flatland/shared/model/names';
import type { NodePeerSpec } from '@flatland/shared/model/node-peer';
import type { Drop } from './drop.ts';

/**
 * Keeps the members whose addresses are all in blocks of their own node. Refused instances and the addresses that pods
 * have in their cluster stay there: nobody else needs them.
 */
export function siftMembers(
  domain: DomainName,
  memberSlices: readonly MemberSlice[],
  peers: readonly NodePeerSpec[],
): { readonly members: readonly MemberSliceSpec[]; readonly drops: readonly Drop[] } {
  const blocksOf = new Map(peers.map((peer) => [peer.node, peer.blocks]));
  const drops: Drop[] = [];
  const slices: MemberSliceSpec[] = [];
  for (const { metadata, spec } of memberSlices) {
    if (spec.domain !== domain) continue;
    if (metadata.name !== `${domain}.${spec.node}`) {
      drops.push({
        node: spec.node,
        what: 'member',
        reason: 'invalid-object',
        detail: `MemberSlice ${metadata.name} is not named ${domain}.${spec.node}`,
      });
      continue;
    }
    const blocks = blocksOf.get(spec.node);
    // A node without a NodePeer has no tunnels: its members reach nobody here.
    if (blocks === undefined) continue;
    const isInside = insideOf(blocks);
    const members = spec.members.filter((member) => {
      const stray = member.addresses.find((address) => !isInside(address));
      if (stray === undefined) return true;
      drops.push({
        node: spec.node,
        what: 'member',
        reason: 'outside-slice',
        detail: `address ${stray} of ${member.pod.namespace}/${member.pod.name} is in none of the node’s blocks`,
      });
      return false;
    });
    const byPod = members.map(withoutPodAddresses).toSorted((a, b) => (a.pod.uid < b.pod.uid ? -1 : 1));
    slices.push({ domain, node: spec.node, members: byPod, refused: [] });
  }
  return { members: slices.toSorted((a, b) => (a.node < b.node ? -1 : 1)), drops };
}

function withoutPodAddresses(member: Member): Member {
  const kept = { ...member };
  delete kept.podAddresses;
  return kept;
}

/** Tells addresses in the blocks from others; the blocks are read once. */
function insideOf(blocks: readonly Cidr[]): (address: IpAddress) => boolean {
  const ranges = blocks.map((block) => {
    const { family, first } = cidrValue(block);
    return { family, first, end: first + cidrSize(block) };
  });
  return (address) => {
    const { family, bits } = ipValue(address);
    return ranges.some((range) => range.family === family && bits >= range.first && bits < range.end);
  };
}
