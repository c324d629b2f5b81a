import type { IpAddress } from '@flatland/shared/address/ip';
import { field, list, text } from '@flatland/shared/topology/facts/json';
import { ipListings } from './ip-batch.ts';
import {
  addressFact,
  deviceFact,
  memberLinkFact,
  neighbourFact,
  ROUTE_PROTOCOL,
  routeFact,
  type NetworkFact,
} from './network-fact.ts';
import { BARRIER_METRIC } from './router-facts.ts';

/** What is in a namespace, as far as it is ours, with the names of all interfaces there. */
export interface ObservedNamespace {
  readonly facts: readonly NetworkFact[];
  readonly devices: ReadonlySet<string>;
  /** Uids of the pods whose links end here, by the link's name. */
  readonly members: ReadonlyMap<string, string>;
}

/** Reads a namespace. `devices`: which interfaces are ours, besides members' links. */
export async function readNamespace(
  namespacePath: string,
  isOurs: (device: string) => boolean,
): Promise<ObservedNamespace> {
  const [v4, v6] = await Promise.all([
    ipListings(namespacePath, 4, ['link show', 'addr show', 'route show table main', 'neigh show']),
    ipListings(namespacePath, 6, ['addr show', 'route show table main', 'neigh show']),
  ]);
  return observedNamespace(v4, v6, isOurs);
}

/** From the listings of `ip` to facts. */
export function observedNamespace(
  v4: readonly unknown[][],
  v6: readonly unknown[][],
  isOurs: (device: string) => boolean,
): ObservedNamespace {
  const [links = [], addresses4 = [], routes4 = [], neighbours4 = []] = v4;
  const [addresses6 = [], routes6 = [], neighbours6 = []] = v6;
  const facts: NetworkFact[] = [];
  const devices = new Set<string>();
  const members = new Map<string, string>();
  for (const link of links) {
    const name = text(link, '', 'ifname');
    const mtuBytes = Number(field(link, 'mtu'));
    const alias = text(link, '', 'ifalias');
    devices.add(name);
    if (isMemberLink(name) && alias !== '') {
      members.set(name, alias);
      facts.push(memberLinkFact({ name, podUid: alias, mtuBytes: isUp(link) ? mtuBytes : 0 }));
    } else if (isOurs(name) && isUp(link)) facts.push(deviceFact(name, mtuBytes));
  }
  for (const entry of [...addresses4, ...addresses6]) {
    const device = text(entry, '', 'ifname');
    if (!isOurs(device)) continue;
    for (const info of list(entry, 'addr_info')) {
      const address = text(info, '', 'local');
      if (isGlobal(info) && isHostLength(info)) facts.push(addressFact(device, address as IpAddress));
    }
  }
  for (const route of [...routes4, ...routes6]) {
    const fact = observedRoute(route, routes6.includes(route) ? 6 : 4);
    if (fact !== undefined) facts.push(fact);
  }
  for (const entry of [...neighbours4, ...neighbours6]) {
    const device = text(entry, '', 'dev');
    if (!isOurs(device) && !isMemberLink(device)) continue;
    if (!list(entry, 'state').includes('PERMANENT')) continue;
    const address = text(entry, '', 'dst') as IpAddress;
    facts.push(neighbourFact(device, address, text(entry, '', 'lladdr')));
  }
  return { facts, devices, members };
}

function observedRoute(route: unknown, family: 4 | 6): NetworkFact | undefined {
  if (text(route, '', 'protocol') !== String(ROUTE_PROTOCOL)) return undefined;
  const metric = Number(field(route, 'metric') ?? 0);
  const gateway = text(route, '', 'gateway');
  const source = text(route, '', 'prefsrc');
  const mtu = field(list(route, 'metrics')[0], 'mtu');
  const unreachable = text(route, '', 'type') === 'unreachable';
  return routeFact({
    destination: withLength(text(route, '', 'dst'), family),
    metric,
    ...(!unreachable && { device: text(route, '', 'dev') }),
    ...(gateway !== '' && { gateway: gateway as IpAddress }),
    ...(source !== '' && { source: source as IpAddress }),
    ...(typeof mtu === 'number' && { mtuBytes: mtu }),
    keep: unreachable && metric === BARRIER_METRIC,
  });
}

function withLength(destination: string, family: 4 | 6): string {
  if (destination === 'default') return family === 4 ? '0.0.0.0/0' : '::/0';
  if (destination.includes('/')) return destination;
  return `${destination}/${family === 4 ? 32 : 128}`;
}

function isMemberLink(name: string): boolean {
  return /^m[0-9a-f]{14}$/.test(name);
}

function isUp(link: unknown): boolean {
  return list(link, 'flags').includes('UP');
}

function isGlobal(info: unknown): boolean {
  return text(info, '', 'scope') === 'global';
}

function isHostLength(info: unknown): boolean {
  return field(info, 'prefixlen') === (text(info, '', 'family') === 'inet' ? 32 : 128);
}
