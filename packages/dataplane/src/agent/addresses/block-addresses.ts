import { addressAt, cidrFamily, cidrSize } from '@flatland/shared/address/arithmetic';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress, IpFamily } from '@flatland/shared/address/ip';

/** Blocks larger than this are used up to here: a node has no more pods. */
const MAX_ADDRESSES_OF_BLOCK = 4096n;
const MAX_CACHED_BLOCKS = 1024;

const cache = new Map<Cidr, Block>();

/** A block with its addresses in ascending order. */
export interface Block {
  readonly family: IpFamily;
  readonly addresses: readonly IpAddress[];
}

/** The addresses of a block, computed once. */
export function blockOf(prefix: Cidr): Block {
  const known = cache.get(prefix);
  if (known !== undefined) return known;
  const size = cidrSize(prefix);
  const length = Number(size < MAX_ADDRESSES_OF_BLOCK ? size : MAX_ADDRESSES_OF_BLOCK);
  const addresses = Array.from({ length }, (_, index) => addressAt(prefix, BigInt(index)) as IpAddress);
  const block = { family: cidrFamily(prefix), addresses };
  if (cache.size >= MAX_CACHED_BLOCKS) cache.clear();
  cache.set(prefix, block);
  return block;
}

/** Address family by the text's form. */
export function addressFamily(address: IpAddress): IpFamily {
  return address.includes(':') ? 6 : 4;
}
