import {
  cidrContains,
  cidrFamily,
  cidrLength,
  cidrsOverlap,
  compareCidr,
  subnetAt,
  subnetCount,
} from '@flatland/shared/address/arithmetic';
import { addressBlockName } from '@flatland/shared/address/block-name';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpFamily } from '@flatland/shared/address/ip';
import { BLOCK_LENGTH, zAddressBlock, type AddressBlock } from '@flatland/shared/model/address-block';
import type { BrokenObject } from '@flatland/shared/topology/topology';
import type { ClusterFacts } from '@flatland/shared/topology/facts/cluster-facts';
import { objectReader, readAll } from '@flatland/shared/topology/facts/read-kind';
import type { NodeDomain } from './node-domains.ts';

/** How many blocks are offered for a claim at once. */
const N_CANDIDATES = 32;
/** A block is claimed before it is needed where the slice has this many blocks for each node. */
const AMPLE_BLOCKS_PER_NODE = 2n;

const readAddressBlock = objectReader(zAddressBlock);

/** The cluster's claims, well-formed ones only: the object's name is the block. */
export function addressBlocks(facts: ClusterFacts): AddressBlock[] {
  const broken: BrokenObject[] = [];
  const objects = facts.byKind.get('AddressBlock') ?? [];
  return readAll(readAddressBlock, objects, facts.snapshot.cluster, broken).filter(
    ({ metadata, spec }) => metadata.name === addressBlockName(spec.domain, spec.prefix),
  );
}

/** Claims of one domain: block to node. */
export function claimsOf(domain: NodeDomain, blocks: readonly AddressBlock[]): Map<Cidr, string> {
  return new Map(
    blocks
      .filter(({ spec }) => spec.domain === domain.name && inSlice(domain, spec.prefix))
      .map(({ spec }) => [spec.prefix, spec.node]),
  );
}

/**
 * The node's blocks: those that it claims in the API, and those that it had and nobody else claims,
 * so that an object deleted by hand takes no address from a running member.
 */
export function blocksOfNode(
  domain: NodeDomain,
  claims: ReadonlyMap<Cidr, string>,
  node: string,
  had: readonly Cidr[],
): Cidr[] {
  const claimed = [...claims].filter(([, owner]) => owner === node).map(([block]) => block);
  const unclaimed = had.filter(
    (block) => inSlice(domain, block) && ![...claims.keys()].some((other) => cidrsOverlap(other, block)),
  );
  return [...claimed, ...unclaimed].toSorted(compareCidr);
}

/** Which other node claims a block, or a part of it. */
export function otherOwner(claims: ReadonlyMap<Cidr, string>, node: string, block: Cidr): string | undefined {
  return [...claims].find(([other, owner]) => owner !== node && cidrsOverlap(other, block))?.[1];
}

/** Blocks of a family that nobody claims, beginning at the node's own place among the nodes. */
export function freeBlocks(
  domain: NodeDomain,
  family: IpFamily,
  claims: ReadonlyMap<Cidr, string>,
  nodeRank: number,
): Cidr[] {
  const free: Cidr[] = [];
  for (const slice of domain.slices) {
    if (cidrFamily(slice) !== family) continue;
    const length = blockLength(slice);
    const count = subnetCount(slice, length);
    const start = BigInt(nodeRank) % count;
    const nTries = BigInt(claims.size + N_CANDIDATES);
    for (let i = 0n; i < count && i < nTries && free.length < N_CANDIDATES; i++) {
      const block = subnetAt(slice, length, (start + i) % count) as Cidr;
      if (!claims.has(block)) free.push(block);
    }
  }
  return free;
}

/** True where every node may have a block before it has a member, without using up the slice. */
export function claimsAhead(domain: NodeDomain, nNodes: number): boolean {
  return domain.slices.every(
    (slice) => subnetCount(slice, blockLength(slice)) >= AMPLE_BLOCKS_PER_NODE * BigInt(nNodes),
  );
}

/** True where the block is one that nodes of the own cluster may claim in the domain. */
export function inSlice(domain: NodeDomain, block: Cidr): boolean {
  return domain.slices.some(
    (slice) => cidrContains(slice, block) && cidrLength(block) === blockLength(slice),
  );
}

function blockLength(slice: Cidr): number {
  return Math.max(BLOCK_LENGTH[cidrFamily(slice)], cidrLength(slice));
}
