import { createHash } from 'node:crypto';
import { hostCidr } from '@flatland/shared/address/arithmetic';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { MemberProgram, RouterProgram } from '../../ports/host-network.ts';
import { memberInterfaceName, wireguardDeviceName } from '../../ports/interface-names.ts';
import {
  addressFact,
  deviceFact,
  memberLinkFact,
  MEMBER_MAC,
  neighbourFact,
  ROUTER_MAC,
  routeFact,
  type NetworkFact,
} from './network-fact.ts';

/** Metric of the route that catches what nothing else routes; below every other. */
const LAST_RESORT_METRIC = 4_000_000_000;
/** Metric of a pod's barrier: below the domain's own route, above nothing. */
export const BARRIER_METRIC = 65_000;
export const EVERYTHING = { 4: '0.0.0.0/0', 6: '::/0' } as const;

/** Name of the router's end of a member's link: 15 characters, the same for the same pod. */
export function memberLinkName(podUid: string): string {
  return `m${createHash('sha256').update(podUid).digest('hex').slice(0, 14)}`;
}

/**
 * What shall be in a domain's namespace. Members without a namespace path are left out. `hasDevice`:
 * the WireGuard device is there; without it there are no routes through it.
 */
export function routerFacts(
  router: RouterProgram,
  podPaths: ReadonlyMap<string, string>,
  hasDevice: boolean,
): NetworkFact[] {
  const device = wireguardDeviceName(router.domain);
  return [
    deviceFact('lo', LOOPBACK_MTU_BYTES),
    ...router.routerAddresses.map((address) => addressFact('lo', address)),
    ...router.members.flatMap((member) => memberFacts(router, member, podPaths.get(member.podUid))),
    ...(hasDevice ? [deviceFact(device, router.mtuBytes)] : []),
    ...(hasDevice ? router.routes : []).map(({ prefix, mtuBytes }) =>
      routeFact({
        destination: prefix,
        device,
        mtuBytes,
        ...sourceOf(router, prefix),
        ...metricOf(prefix),
      }),
    ),
    ...[EVERYTHING[4], EVERYTHING[6]].map((destination) =>
      routeFact({ destination, metric: LAST_RESORT_METRIC }),
    ),
  ];
}

/** What shall be in a pod's namespace for one domain. The barrier outlives the rest. */
export function podFacts(router: RouterProgram, member: MemberProgram): NetworkFact[] {
  const device = memberInterfaceName(router.domain);
  return [
    ...router.prefixes.map(barrierFact),
    deviceFact(device, router.mtuBytes),
    ...member.addresses.map((address) => addressFact(device, address)),
    ...router.routerAddresses.map((gateway) => neighbourFact(device, gateway, ROUTER_MAC)),
    ...router.prefixes.flatMap((prefix) => {
      const gateway = sameFamily(router.routerAddresses, prefix);
      const source = sameFamily(member.addresses, prefix);
      if (gateway === undefined || source === undefined) return [];
      return [routeFact({ destination: prefix, device, gateway, source, ...metricOf(prefix) })];
    }),
  ];
}

/** Makes a prefix unreachable in a pod, unless a domain's interface leads there. */
export function barrierFact(prefix: string): NetworkFact {
  return routeFact({ destination: prefix, metric: BARRIER_METRIC, keep: true });
}

const LOOPBACK_MTU_BYTES = 65_536;

function memberFacts(router: RouterProgram, member: MemberProgram, path: string | undefined): NetworkFact[] {
  if (path === undefined) return [];
  const name = memberLinkName(member.podUid);
  const peer = { namespacePath: path, name: memberInterfaceName(router.domain) };
  return [
    memberLinkFact({ name, podUid: member.podUid, mtuBytes: router.mtuBytes, peer }),
    ...member.addresses.map((address) => neighbourFact(name, address, MEMBER_MAC)),
    ...member.addresses.map((address) =>
      routeFact({
        destination: hostCidr(address),
        device: name,
        ...sourceOf(router, address),
        ...metricOf(address),
      }),
    ),
  ];
}

function sourceOf(router: RouterProgram, destination: string): { source?: IpAddress } {
  const source = sameFamily(router.routerAddresses, destination);
  return source === undefined ? {} : { source };
}

/** IPv6 has no metric 0: 1024 is what the kernel gives where none is named. */
function metricOf(destination: string): { metric?: number } {
  return destination.includes(':') ? { metric: 1024 } : {};
}

function sameFamily(addresses: readonly IpAddress[], like: string): IpAddress | undefined {
  return addresses.find((address) => address.includes(':') === like.includes(':'));
}
