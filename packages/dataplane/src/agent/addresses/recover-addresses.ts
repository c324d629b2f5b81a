import { compareCidr } from '@flatland/shared/address/arithmetic';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';
import { ADDRESS_REST_MS, NO_ADDRESSES, type DomainAddresses } from './address-book.ts';
import { addressFamily, blockOf } from './block-addresses.ts';

/** What rested before a start rests so long after it, whatever the clock says. */
const MIN_REST_MS = 60_000;

/** Addresses of pods and of the router, as one witness has them. */
export interface AddressWitness {
  readonly routers: readonly IpAddress[];
  readonly members: readonly { readonly podUid: string; readonly addresses: readonly IpAddress[] }[];
}

/**
 * What a starting agent takes a domain's addresses to be: what is programmed is true, then what the
 * file says, then what the API says. Without the file nobody knows when the other addresses were
 * released, so all of them rest from now on. The file's times are those of a clock that may have been set since: what
 * rests does so for a minute more at least, and for no longer than anything rests.
 */
export function recoverAddresses(input: {
  readonly saved: DomainAddresses | undefined;
  readonly blocks: readonly Cidr[];
  readonly programmed: AddressWitness;
  readonly announced: AddressWitness;
  readonly nowMs: number;
}): DomainAddresses {
  const saved = input.saved ?? NO_ADDRESSES;
  const savedMembers = Object.entries(saved.members).map(([podUid, addresses]) => ({ podUid, addresses }));
  const taken = new Set<IpAddress>();
  const members = new Map<string, readonly IpAddress[]>();
  const routers: IpAddress[] = [];
  const witnesses = [
    input.programmed,
    { routers: saved.routers, members: savedMembers },
    input.saved === undefined ? input.announced : { routers: [], members: [] },
  ];
  for (const witness of witnesses) {
    for (const router of witness.routers) {
      if (taken.has(router) || routers.some((known) => addressFamily(known) === addressFamily(router)))
        continue;
      taken.add(router);
      routers.push(router);
    }
    for (const { podUid, addresses } of witness.members) {
      const had = members.get(podUid) ?? [];
      const more = addresses.filter(
        (address) =>
          !taken.has(address) && !had.some((known) => addressFamily(known) === addressFamily(address)),
      );
      for (const address of more) taken.add(address);
      if (more.length > 0)
        members.set(
          podUid,
          [...had, ...more].toSorted((a, b) => addressFamily(a) - addressFamily(b)),
        );
    }
  }
  const blocks = [...new Set([...saved.blocks, ...input.blocks])].toSorted(compareCidr);
  const resting =
    input.saved === undefined
      ? restAll(input.blocks, taken, routers, input.nowMs)
      : saved.resting
          .filter((entry) => !taken.has(entry.address))
          .map((entry) => ({ ...entry, releasedAtMs: plausible(entry.releasedAtMs, input.nowMs) }));
  const leaving = Object.entries(saved.leaving ?? {}).map(([block, sinceMs]) => [
    block,
    plausible(sinceMs, input.nowMs),
  ]);
  return {
    ...saved,
    blocks,
    routers,
    members: Object.fromEntries(members),
    resting,
    ...(saved.leaving !== undefined && { leaving: Object.fromEntries(leaving) }),
  };
}

/** A beginning of rest that leaves at least `MIN_REST_MS` of it, and no more than all of it. */
function plausible(sinceMs: number, nowMs: number): number {
  return Math.min(nowMs, Math.max(sinceMs, nowMs - ADDRESS_REST_MS + MIN_REST_MS));
}

function restAll(
  blocks: readonly Cidr[],
  taken: ReadonlySet<IpAddress>,
  routers: readonly IpAddress[],
  nowMs: number,
): DomainAddresses['resting'] {
  return blocks.flatMap((prefix) => {
    const block = blockOf(prefix);
    const hasRouter = routers.some((address) => addressFamily(address) === block.family);
    return block.addresses
      .slice(hasRouter ? 0 : 1)
      .filter((address) => !taken.has(address))
      .map((address) => ({ address, podUid: '', releasedAtMs: nowMs }));
  });
}
