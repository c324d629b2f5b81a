import { compareCidr } from '@flatland/shared/address/arithmetic';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress, IpFamily } from '@flatland/shared/address/ip';
import { ADDRESS_REST_MS, type DomainAddresses, type RestingAddress } from './address-book.ts';
import { addressFamily, blockOf } from './block-addresses.ts';

export interface AssignInput {
  /** Families that a member has an address of. */
  readonly families: readonly IpFamily[];
  /** The node's blocks as the API has them. */
  readonly blocks: readonly Cidr[];
  /** Uids of the pods that shall be members. */
  readonly wanted: readonly string[];
  /** Uids of all pods of this node that have not ended; those that left keep their claim on their address. */
  readonly livePods: ReadonlySet<string>;
  /** Families whose slice may have a free block left. */
  readonly claimable: ReadonlySet<IpFamily>;
  readonly nowMs: number;
}

export interface Assignment {
  readonly addresses: DomainAddresses;
  /** Families that lack addresses until another block is claimed. */
  readonly blocksNeeded: readonly IpFamily[];
  /** Uids of wanted pods without an address of each family, sorted. */
  readonly without: readonly string[];
}

/**
 * Gives every wanted pod its addresses, and takes them from the others. Pure and level-based: the same
 * input again changes nothing.
 *
 * A pod keeps what it has, and gets back what it had. Otherwise it takes an address that nobody had;
 * else the one released least recently, at least `ADDRESS_REST_MS` ago, by a pod that ended; else it
 * waits for another block; and only where there is none, takes one released by a pod that still runs.
 */
export function assignAddresses(before: DomainAddresses, input: AssignInput): Assignment {
  const desk = openDesk(before, input);
  const wanted = new Set(input.wanted);
  for (const uid of Object.keys(before.members).toSorted()) if (!wanted.has(uid)) desk.release(uid);
  const blocksNeeded = new Set<IpFamily>();
  const without: string[] = [];
  for (const family of input.families) if (!desk.hasRouter(family)) blocksNeeded.add(family);
  for (const uid of [...wanted].toSorted()) {
    let complete = true;
    for (const family of input.families) {
      if (desk.has(uid, family) || desk.take(uid, family)) continue;
      complete = false;
      if (input.claimable.has(family)) blocksNeeded.add(family);
    }
    if (!complete) without.push(uid);
  }
  return { addresses: desk.close(), blocksNeeded: [...blocksNeeded].toSorted((a, b) => a - b), without };
}

/** A working copy of a domain's addresses, with an index of what is taken. */
function openDesk(before: DomainAddresses, input: AssignInput) {
  const blocks = input.blocks.toSorted(compareCidr);
  const known = new Set(blocks.flatMap((block) => blockOf(block).addresses));
  const taken = new Set<IpAddress>();
  const mine = (address: IpAddress) => known.has(address) && !taken.has(address);
  const keep = (addresses: readonly IpAddress[]) =>
    addresses.filter((address) => mine(address) && taken.add(address));
  const members = new Map<string, readonly IpAddress[]>();
  for (const uid of Object.keys(before.members).toSorted()) {
    const kept = keep(before.members[uid] ?? []);
    if (kept.length > 0) members.set(uid, kept);
  }
  const routers = keep(before.routers);
  let resting = before.resting.filter((entry) => mine(entry.address) && taken.add(entry.address));
  for (const family of [4, 6] as const) {
    if (routers.some((address) => addressFamily(address) === family)) continue;
    const free = fresh(family);
    if (free !== undefined && taken.add(free)) routers.push(free);
  }

  function fresh(family: IpFamily): IpAddress | undefined {
    for (const prefix of blocks) {
      const block = blockOf(prefix);
      if (block.family !== family) continue;
      for (const address of block.addresses) if (!taken.has(address)) return address;
    }
    return undefined;
  }

  function reuse(family: IpFamily, fits: (entry: RestingAddress) => boolean): IpAddress | undefined {
    const index = resting.findIndex((entry) => addressFamily(entry.address) === family && fits(entry));
    return index < 0 ? undefined : resting.splice(index, 1)[0]?.address;
  }

  const rested = (entry: RestingAddress) => input.nowMs - entry.releasedAtMs >= ADDRESS_REST_MS;
  const abandoned = (entry: RestingAddress) => rested(entry) && !input.livePods.has(entry.podUid);

  return {
    hasRouter: (family: IpFamily) => routers.some((address) => addressFamily(address) === family),
    has: (uid: string, family: IpFamily) =>
      members.get(uid)?.some((address) => addressFamily(address) === family) ?? false,
    release(uid: string): void {
      for (const address of members.get(uid) ?? [])
        resting.push({ address, podUid: uid, releasedAtMs: input.nowMs });
      members.delete(uid);
    },
    take(uid: string, family: IpFamily): boolean {
      const address =
        reuse(family, (entry) => entry.podUid === uid) ??
        fresh(family) ??
        reuse(family, abandoned) ??
        (input.claimable.has(family) ? undefined : reuse(family, rested));
      if (address === undefined) return false;
      taken.add(address);
      members.set(uid, [...(members.get(uid) ?? []), address].toSorted(byFamily));
      return true;
    },
    close: (): DomainAddresses => ({
      blocks,
      routers: routers.toSorted(byFamily),
      members: Object.fromEntries([...members].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      resting: (resting = resting.toSorted((a, b) => a.releasedAtMs - b.releasedAtMs)),
    }),
  };
}

function byFamily(a: IpAddress, b: IpAddress): number {
  return addressFamily(a) - addressFamily(b);
}
