import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress, IpFamily } from '@flatland/shared/address/ip';
import type { Member, RefusedMember } from '@flatland/shared/model/member-slice';
import type { DomainName } from '@flatland/shared/model/names';
import type { EndpointCandidate } from '@flatland/shared/model/node-peer';
import type { ReasonCode } from '@flatland/shared/reason/reasons';
import type { PublicKey } from '../../core/noise/keys.ts';
import type { NetworkProgram } from '../../ports/host-network.ts';

/** What one node's dataplane shall be, whole: the output of `compileNode`. Every array is sorted. */
export interface NodeProgram {
  readonly network: NetworkProgram;
  readonly domains: readonly DomainProgram[];
}

/** The parts of a domain on this node that are not in its router's namespace. */
export interface DomainProgram {
  readonly domain: DomainName;
  readonly blocks: readonly Cidr[];
  readonly routerAddresses: readonly IpAddress[];
  readonly peers: readonly PeerProgram[];
  readonly dns: DnsZone;
  /** Instances that shall be members, as the API is told of them once they are programmed. */
  readonly members: readonly Member[];
  readonly refused: readonly RefusedMember[];
  /** What others announced and this node does not believe. */
  readonly findings: readonly Finding[];
}

/** Another node of the domain. */
export interface PeerProgram {
  readonly cluster: string;
  readonly node: string;
  readonly publicKey: PublicKey;
  /** Blocks of the node, inside its cluster's slices. */
  readonly blocks: readonly Cidr[];
  readonly routerAddresses: readonly IpAddress[];
  /** Where this node may send to it, best first. */
  readonly candidates: readonly EndpointCandidate[];
  /** `cluster/node` of peers that relay between the two, in order of preference. */
  readonly relays: readonly string[];
  readonly behindNat: boolean;
  /** 0 is off. */
  readonly persistentKeepaliveSeconds: number;
  /** MTU of routes to it. */
  readonly mtuBytes: number;
}

/** What the domain's DNS answers. */
export interface DnsZone {
  /** Without the trailing dot, lower-case. */
  readonly name: string;
  readonly records: readonly DnsRecord[];
  readonly services: readonly DnsService[];
}

/** A name of the zone with its addresses; the name is absolute, without the trailing dot, lower-case. */
export interface DnsRecord {
  readonly name: string;
  readonly addresses: readonly IpAddress[];
}

/** Where a named port is to be had (RFC 2782), as `_<port>._<protocol>.<workload>.<namespace>.<zone>`. */
export interface DnsService {
  readonly name: string;
  /** Sorted; each target is a name of the records. */
  readonly targets: readonly { readonly name: string; readonly port: number }[];
}

/** Something that was left out of the program, and why. */
export interface Finding {
  readonly reason: ReasonCode;
  readonly message: string;
}

/** A wish for another block of the own cluster's slice. */
export interface BlockClaim {
  readonly domain: DomainName;
  readonly family: IpFamily;
  /** Blocks to try, in this order: creating the AddressBlock is the claim. */
  readonly candidates: readonly Cidr[];
}
