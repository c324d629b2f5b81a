import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import type { RefusedMember } from '@flatland/shared/model/member-slice';
import type { EndpointCandidate } from '@flatland/shared/model/node-peer';
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
  readonly peers: readonly PeerProgram[];
  readonly dns: DnsZone;
  /** Members that this node shall have, with what the API is told of them once they are programmed. */
  readonly members: readonly ProgrammedMember[];
  readonly refused: readonly RefusedMember[];
}

/** Another node of the domain. */
export interface PeerProgram {
  readonly cluster: string;
  readonly node: string;
  readonly publicKey: string;
  /** Blocks of the node, inside its cluster's slice. */
  readonly blocks: readonly Cidr[];
  readonly routerAddresses: readonly IpAddress[];
  /** Where it may be reached, best first. */
  readonly candidates: readonly EndpointCandidate[];
  /** Nodes that may relay, `cluster/node`, in order of preference; of either side. */
  readonly relays: readonly string[];
  readonly behindNat: boolean;
  readonly persistentKeepaliveSeconds: number;
  readonly mtuBytes: number;
}

/** A member with its names, as the MemberSlice will carry it. */
export interface ProgrammedMember {
  readonly podUid: string;
  readonly podNamespace: string;
  readonly podName: string;
  readonly workloadKind: string;
  readonly workloadName: string;
  readonly addresses: readonly IpAddress[];
  readonly dnsNames: readonly string[];
  readonly identity: string;
}

/** What the domain's DNS answers. */
export interface DnsZone {
  /** Without the trailing dot, lower-case. */
  readonly name: string;
  readonly records: readonly DnsRecord[];
}

/** A name of the zone with its addresses; the name is absolute, without the trailing dot. */
export interface DnsRecord {
  readonly name: string;
  readonly addresses: readonly IpAddress[];
}
