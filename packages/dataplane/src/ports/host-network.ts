import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import type { Datapath } from '@flatland/shared/report/report';

/**
 * The node's networks as they shall be, whole: a domain or member that is not named is taken away.
 * Sorted by domain, pod uid and prefix.
 */
export interface NetworkProgram {
  readonly routers: readonly RouterProgram[];
}

/** One domain's router on this node: the network namespace `fl-<domain>`. */
export interface RouterProgram {
  readonly domain: DomainName;
  /** The domain's prefixes, at most one of each family: what members route here. */
  readonly prefixes: readonly Cidr[];
  /** The router's own addresses, the first of the node's first block of each family. */
  readonly routerAddresses: readonly IpAddress[];
  /** MTU of members' interfaces and of the WireGuard device. */
  readonly mtuBytes: number;
  readonly members: readonly MemberProgram[];
  /** What other nodes have, reached through the domain's WireGuard device. */
  readonly routes: readonly TunnelRoute[];
}

/** A pod's interface in a domain. At most one address of each family. */
export interface MemberProgram {
  readonly podUid: string;
  readonly addresses: readonly IpAddress[];
}

export interface TunnelRoute {
  readonly prefix: Cidr;
  readonly mtuBytes: number;
}

/** What became of a member of the program. */
export type MemberOutcome =
  | { readonly domain: DomainName; readonly podUid: string; readonly ok: true }
  | {
      readonly domain: DomainName;
      readonly podUid: string;
      readonly ok: false;
      /** `no-sandbox`: the pod's sandbox is not there yet. `failed`: it may work when tried again. */
      readonly reason: 'failed' | 'no-sandbox';
      readonly message: string;
    };

/** What an `apply` did. `nChanges` is 0 where everything was so already. */
export interface ApplyOutcome {
  readonly members: readonly MemberOutcome[];
  readonly nChanges: number;
  /** Domains whose router could not be made, or lacks its WireGuard device, with the message. */
  readonly failedDomains: readonly { readonly domain: DomainName; readonly message: string }[];
}

/** A domain's router as it is. */
export type ObservedRouter = Pick<RouterProgram, 'domain' | 'routerAddresses' | 'members' | 'routes'>;

/** An address of the node itself, which peers may send to. */
export interface UnderlayAddress {
  readonly address: IpAddress;
  readonly interfaceName: string;
  readonly mtuBytes: number;
}

/** Packets that a domain's router took from a member of its own to another address. */
export interface FlowCounter {
  readonly from: IpAddress;
  readonly to: IpAddress;
  readonly packets: number;
  readonly bytes: number;
  readonly lastSeenMs: number;
}

export interface RouterCounters {
  readonly domain: DomainName;
  /** Conversations of the last hour. */
  readonly flows: readonly FlowCounter[];
  /** Dropped packets by reason, for example `spoofed-source`. */
  readonly drops: Readonly<Record<string, number>>;
}

/**
 * The node's own network, driven declaratively. Both adapters (Linux, in-memory) pass one suite.
 *
 * What holds of every adapter:
 * - Two domains share nothing; nothing of the node's own network reaches a member.
 * - A packet with a source that the router would not route back to where it came from is dropped, in both families.
 * - A prefix of a domain that a pod is, or was, a member of never leaves the pod by another way.
 * - What is right already is not touched: `apply` of the same program loses no packet.
 */
export interface HostNetwork {
  readonly datapath: Datapath;
  /** Makes the domains' namespaces, so that WireGuard devices can be put there. Removes nothing. */
  ensureDomains(domains: readonly DomainName[]): Promise<void>;
  /** Makes the node's networks equal to the program. A member that fails leaves the others alone. */
  apply(program: NetworkProgram): Promise<ApplyOutcome>;
  /** Looks at what is there, forgetting what was known. */
  observe(): Promise<readonly ObservedRouter[]>;
  counters(): Promise<readonly RouterCounters[]>;
  /** Addresses that other nodes may reach this one at, best first, without those of pods and domains. */
  underlay(): Promise<readonly UnderlayAddress[]>;
}
