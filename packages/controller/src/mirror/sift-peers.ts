import { cidrContains, cidrHasAddress, compareCidr } from '@flatland/shared/address/arithmetic';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { DomainName } from '@flatland/shared/model/names';
import type { NodePeer, NodePeerSpec } from '@flatland/shared/model/node-peer';
import { ClaimedBlocks } from './claimed-blocks.ts';
import type { Drop } from './drop.ts';

/** What of an origin's NodePeers of one domain may be mirrored, sorted by node, and what not. */
export interface SiftedPeers {
  readonly peers: readonly NodePeerSpec[];
  readonly drops: readonly Drop[];
}

/**
 * Keeps of each NodePeer the blocks in the origin's slices and the router addresses in these blocks. Of two nodes
 * that claim one block or one key, the older object has it. An object that does not bear its own node's name is
 * dropped: only that name shows whose agent wrote it.
 */
export function siftPeers(
  domain: DomainName,
  nodePeers: readonly NodePeer[],
  slices: readonly Cidr[],
): SiftedPeers {
  const drops: Drop[] = [];
  const claimed = new ClaimedBlocks();
  const keys = new Map<string, string>();
  const peers: NodePeerSpec[] = [];
  for (const { metadata, spec } of nodePeers.filter((peer) => peer.spec.domain === domain).toSorted(byAge)) {
    const drop = (what: Drop['what'], reason: Drop['reason'], detail: string) =>
      drops.push({ node: spec.node, what, reason, detail });
    if (metadata.name !== `${domain}.${spec.node}`) {
      drop('peer', 'invalid-object', `NodePeer ${metadata.name} is not named ${domain}.${spec.node}`);
      continue;
    }
    const keyOwner = keys.get(spec.publicKey);
    if (keyOwner !== undefined) {
      drop('peer', 'invalid-object', `its key is that of ${keyOwner}`);
      continue;
    }
    keys.set(spec.publicKey, spec.node);
    const blocks = spec.blocks.filter((block) => {
      if (!slices.some((slice) => cidrContains(slice, block))) {
        drop(
          'block',
          'outside-slice',
          `block ${block} is outside the slice ${slices.join(' and ') || '(none)'}`,
        );
        return false;
      }
      const other = claimed.claim(block, spec.node);
      if (other === undefined) return true;
      drop('block', 'slice-conflict', `block ${block} is that of ${other}`);
      return false;
    });
    const routerAddresses = spec.routerAddresses.filter((address) => {
      if (blocks.some((block) => cidrHasAddress(block, address))) return true;
      drop('router', 'outside-slice', `router address ${address} is in none of the node’s blocks`);
      return false;
    });
    peers.push({ ...spec, blocks: blocks.toSorted(compareCidr), routerAddresses });
  }
  return { peers: peers.toSorted((a, b) => (a.node < b.node ? -1 : 1)), drops };
}

function byAge(a: NodePeer, b: NodePeer): number {
  const key = (peer: NodePeer) => `${peer.metadata.creationTimestamp ?? '~'} ${peer.metadata.name}`;
  return key(a) < key(b) ? -1 : 1;
}
