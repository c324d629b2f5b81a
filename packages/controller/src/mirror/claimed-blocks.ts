import { cidrSize } from '@flatland/shared/address/arithmetic';
import { cidrValue } from '@flatland/shared/address/cidr';
import type { Cidr } from '@flatland/shared/address/cidr';

type Claim = { readonly first: bigint; readonly last: bigint; readonly owner: string };

/** Blocks and who has each; an overlap is found in logarithmic time. */
export class ClaimedBlocks {
  /** By family, sorted. Disjoint: of one owner's blocks inside each other the largest stands for all. */
  readonly #claims = new Map<number, Claim[]>();

  /** Takes a block for `owner`; gives the other owner when it is taken, wholly or in part. */
  claim(block: Cidr, owner: string): string | undefined {
    const { family, first } = cidrValue(block);
    const last = first + cidrSize(block) - 1n;
    const claims = this.#claims.get(family) ?? [];
    this.#claims.set(family, claims);
    let from = firstAfter(claims, first);
    const before = claims[from - 1];
    if (before !== undefined && before.last >= first) {
      if (before.owner !== owner) return before.owner;
      if (before.last >= last) return undefined;
      from -= 1;
    }
    let to = from;
    for (; to < claims.length && (claims[to]?.first ?? 0n) <= last; to += 1) {
      const inside = claims[to];
      if (inside !== undefined && inside.owner !== owner) return inside.owner;
    }
    claims.splice(from, to - from, { first, last, owner });
    return undefined;
  }
}

/** The index of the first claim that begins after `address`. */
function firstAfter(claims: readonly Claim[], address: bigint): number {
  let [low, high] = [0, claims.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((claims[middle]?.first ?? 0n) <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}
