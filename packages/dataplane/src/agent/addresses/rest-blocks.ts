import type { Cidr } from '@flatland/shared/address/cidr';
import type { DomainName } from '@flatland/shared/model/names';
import { ADDRESS_REST_MS, NO_ADDRESSES, type AddressBook, type LostBlock } from './address-book.ts';

/** A block that the node claims in the API, and whether its domain still wants it there. */
export interface ClaimedBlock {
  readonly domain: DomainName;
  readonly prefix: Cidr;
  readonly isWanted: boolean;
}

/**
 * Blocks that nobody wants any more rest like the addresses in them before their claim is given up: until then no other
 * node takes them, and a domain that comes back finds its addresses as they were. Gives the book with what rests, and
 * the claims that are due. Pure and level-based: the same input again changes nothing.
 */
export function restBlocks(
  book: AddressBook,
  claimed: readonly ClaimedBlock[],
  nowMs: number,
): { readonly book: AddressBook; readonly due: readonly ClaimedBlock[] } {
  const unwanted = claimed.filter(({ isWanted }) => !isWanted);
  const sinceMs = ({ domain, prefix }: ClaimedBlock) => book[domain]?.leaving?.[prefix] ?? nowMs;
  const byDomain = Map.groupBy(unwanted, ({ domain }) => domain as string);
  const domains = new Set([...Object.keys(book), ...byDomain.keys()]);
  return {
    book: Object.fromEntries(
      [...domains].toSorted().map((domain) => {
        const { leaving: _, ...addresses } = book[domain] ?? NO_ADDRESSES;
        const blocks = byDomain.get(domain) ?? [];
        if (blocks.length === 0) return [domain, addresses];
        const leaving = blocks.map((block) => [block.prefix, sinceMs(block)] as const);
        return [domain, { ...addresses, leaving: Object.fromEntries(leaving) }];
      }),
    ),
    due: unwanted.filter((block) => nowMs - sinceMs(block) >= ADDRESS_REST_MS),
  };
}

/** Blocks that are another node's by the API: those that the node had till now, and those that it lost of late. */
export function lostBlocks(
  before: readonly LostBlock[],
  had: readonly Cidr[],
  ownerOf: (block: Cidr) => string | undefined,
  nowMs: number,
): LostBlock[] {
  const recent = before.filter(({ atMs }) => nowMs - atMs < ADDRESS_REST_MS);
  const known = new Set(recent.map(({ prefix }) => prefix));
  const fresh = had.flatMap((prefix): LostBlock[] => {
    const node = known.has(prefix) ? undefined : ownerOf(prefix);
    return node === undefined ? [] : [{ prefix, node, atMs: nowMs }];
  });
  return [...recent, ...fresh];
}
