import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';

/** An address that its pod gave back, or had when it left the domain. */
export interface RestingAddress {
  readonly address: IpAddress;
  readonly podUid: string;
  readonly releasedAtMs: number;
}

/** A block that was the node's, and is another's by the API: who creates the AddressBlock has it. */
export interface LostBlock {
  readonly prefix: Cidr;
  readonly node: string;
  readonly atMs: number;
}

/**
 * Who has which address of one domain on this node. Plain JSON: it is kept on disk. An address is in
 * at most one of `routers`, `members` and `resting`.
 */
export interface DomainAddresses {
  /** The node's blocks, sorted. */
  readonly blocks: readonly Cidr[];
  /** The router's own addresses, one of each family that has a block. */
  readonly routers: readonly IpAddress[];
  /** By pod uid. */
  readonly members: Readonly<Record<string, readonly IpAddress[]>>;
  /** Released least recently first. */
  readonly resting: readonly RestingAddress[];
  /** Lost of late, to say so. */
  readonly lost?: readonly LostBlock[];
  /** Claims that nobody wants any more, by block: since when. */
  readonly leaving?: Readonly<Record<string, number>>;
}

/** Addresses of every domain on this node, by the domain's name. */
export type AddressBook = Readonly<Record<string, DomainAddresses>>;

export const NO_ADDRESSES: DomainAddresses = { blocks: [], routers: [], members: {}, resting: [] };

/** How long a released address is given to no other pod. */
export const ADDRESS_REST_MS = 10 * 60 * 1000;
