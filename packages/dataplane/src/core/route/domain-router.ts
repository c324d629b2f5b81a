/**
 * The router of one domain on one node, in memory: members on one side, the domain's tunnels on the other, and
 * addresses of its own. What the kernel does in the namespace `fl-<domain>`, packet for packet.
 *
 * After each `handle*`, drain `pollOutput`. Packets never make it throw. Packets too long for the next hop are
 * answered, never fragmented.
 */
import { cidrValue, type Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';
import { formatIp } from '@flatland/shared/address/ip';
import type { DropReason } from '../drop-reason.ts';
import { AllowedIps, type Prefix } from '../peer/allowed-ips.ts';
import { DropCounters } from '../peer/drop-counters.ts';
import { checksum } from '../wire/checksum.ts';
import { ICMP_ERROR_OF_DROP, icmpErrorAbout } from '../wire/icmp-error.ts';
import { ipBytes } from '../wire/ip-bytes.ts';
import { viewIpPacket, type IpPacketView } from '../wire/ip-packet.ts';
import { decrementHopLimit } from './hop-limit.ts';

export interface RouterConfiguration {
  /** The router's own addresses, from which its ICMP errors come. */
  readonly routerAddresses: readonly IpAddress[];
  /** MTU of members' interfaces. */
  readonly mtuBytes: number;
  readonly members: readonly RouterMember[];
  /** What other nodes have, behind the tunnels. */
  readonly routes: readonly RouterRoute[];
}

export interface RouterMember {
  readonly id: string;
  readonly addresses: readonly IpAddress[];
}

export interface RouterRoute {
  readonly prefix: Cidr;
  readonly mtuBytes: number;
}

/** Where a packet goes from the router. */
export type RouterOutput =
  | { readonly to: 'member'; readonly id: string; readonly packet: Uint8Array }
  | { readonly to: 'tunnel'; readonly packet: Uint8Array }
  /** To the router itself. */
  | { readonly to: 'self'; readonly packet: Uint8Array };

type Target =
  | { readonly kind: 'member'; readonly id: string; readonly mtuBytes: number }
  | { readonly kind: 'tunnel'; readonly mtuBytes: number }
  | { readonly kind: 'self' };

/** Where a packet came from. */
export type RouterInput =
  | { readonly from: 'member'; readonly id: string }
  | { readonly from: 'tunnel' | 'self' };

const NOTHING: RouterConfiguration = { routerAddresses: [], mtuBytes: 1_280, members: [], routes: [] };

export class DomainRouter {
  #table = new AllowedIps<Target>();
  #configuration = NOTHING;
  readonly #drops = new DropCounters();
  readonly #outputs: RouterOutput[] = [];

  /** Replaces members, routes and addresses. */
  configure(configuration: RouterConfiguration): void {
    const table = new AllowedIps<Target>();
    for (const { prefix, mtuBytes } of configuration.routes)
      table.insert(prefixOf(prefix), { kind: 'tunnel', mtuBytes });
    for (const { id, addresses } of configuration.members)
      for (const address of addresses)
        table.insert(hostPrefix(address), { kind: 'member', id, mtuBytes: configuration.mtuBytes });
    for (const address of configuration.routerAddresses) table.insert(hostPrefix(address), { kind: 'self' });
    this.#table = table;
    this.#configuration = configuration;
  }

  /** Dropped packets by reason. */
  drops(): Partial<Record<DropReason, number>> {
    return this.#drops.toRecord();
  }

  /** A packet from a member, from the tunnels, or from the router's own sockets. It is changed in place. */
  handlePacket(input: RouterInput, packet: Uint8Array): void {
    const view = viewIpPacket(packet);
    const reason = view === undefined ? 'inner-malformed' : this.#forward(input, packet, view);
    if (reason !== undefined) this.#drop(packet, reason);
  }

  /** The next packet that leaves the router. */
  pollOutput(): RouterOutput | undefined {
    return this.#outputs.shift();
  }

  #forward(input: RouterInput, packet: Uint8Array, view: IpPacketView): DropReason | undefined {
    if (view.family === 4 && checksum(packet.subarray(0, (packet[0]! & 15) * 4)) !== 0)
      return 'checksum-invalid';
    const source = this.#table.lookup(packet, view.sourceOffset, view.family);
    if (!mayComeFrom(input, source)) return 'source-not-allowed';
    const target = this.#table.lookup(packet, view.destinationOffset, view.family);
    const exact = packet.subarray(0, view.totalBytes);
    if (target?.kind === 'self') {
      this.#outputs.push({ to: 'self', packet: exact });
      return undefined;
    }
    if (input.from !== 'self' && !decrementHopLimit(packet)) return 'ttl-exceeded';
    if (target === undefined) return 'no-route';
    // The router's own packets ask what a way carries: its interface's MTU is their only bound.
    if (input.from !== 'self' && exact.length > target.mtuBytes) return 'too-big';
    this.#outputs.push(
      target.kind === 'member'
        ? { to: 'member', id: target.id, packet: exact }
        : { to: 'tunnel', packet: exact },
    );
    return undefined;
  }

  /** Counts a drop and tells the sender, where the sender is one that the router would forward for. */
  #drop(packet: Uint8Array, reason: DropReason): void {
    this.#drops.add(reason);
    const kind = ICMP_ERROR_OF_DROP[reason];
    if (kind === undefined) return;
    const mtuBytes = this.#mtuTowardsDestination(packet);
    const error = icmpErrorAbout(packet, { kind, mtuBytes }, this.#configuration.routerAddresses);
    if (error !== undefined) this.handlePacket({ from: 'self' }, error);
  }

  #mtuTowardsDestination(packet: Uint8Array): number {
    const view = viewIpPacket(packet);
    const target = view && this.#table.lookup(packet, view.destinationOffset, view.family);
    return target === undefined || target.kind === 'self' ? this.#configuration.mtuBytes : target.mtuBytes;
  }
}

/** The source check: an address must be routed back to where the packet came from. */
function mayComeFrom(input: RouterInput, source: Target | undefined): boolean {
  switch (input.from) {
    case 'member':
      return source?.kind === 'member' && source.id === input.id;
    case 'tunnel':
      return source?.kind === 'tunnel';
    case 'self':
      return source?.kind === 'self';
  }
}

function hostPrefix(address: IpAddress): Prefix {
  const bytes = ipBytes(address);
  return { bytes, length: bytes.length * 8 };
}

function prefixOf(cidr: Cidr): Prefix {
  const { family, first, length } = cidrValue(cidr);
  return { bytes: ipBytes(formatIp({ family, bits: first })), length };
}
