import type { IpAddress } from '@flatland/shared/address/ip';

/**
 * One thing that is, or shall be, in a network namespace, with the `ip -batch` lines that make it so.
 * What is read and what is wanted are built by the same functions, so that equal values mean that
 * nothing has to be done.
 */
export interface NetworkFact {
  /** What it is about: unique in its namespace. */
  readonly key: string;
  /** How it is. */
  readonly value: string;
  /** Interface that it goes with: when that is removed, so is this. */
  readonly device?: string;
  /** Lines that make it so where there is nothing of this key. */
  readonly add: readonly string[];
  /** Lines that make it so where there is something else of this key. */
  readonly change: readonly string[];
  /** Lines that take it away; none where it stays. */
  readonly remove: readonly string[];
}

/** Routing protocol number that marks our routes (`/etc/iproute2/rt_protos` leaves it free). */
export const ROUTE_PROTOCOL = 102;
/** Both ends of every member's link have the same addresses everywhere: nothing else is on the link. */
export const ROUTER_MAC = '02:66:6c:00:00:01';
export const MEMBER_MAC = '02:66:6c:00:00:02';

/** A member's veth in the router's namespace; `alias` tells whose it is. */
export function memberLinkFact(link: {
  readonly name: string;
  readonly podUid: string;
  readonly mtuBytes: number;
  /** Where the other end goes, and its name there; not needed where the link is read. */
  readonly peer?: { readonly namespacePath: string; readonly name: string };
}): NetworkFact {
  const { name, podUid, mtuBytes, peer } = link;
  const up = `link set dev ${name} alias ${podUid} mtu ${mtuBytes} addrgenmode none up`;
  return {
    key: `link ${name}`,
    value: `${podUid} mtu ${mtuBytes}`,
    device: name,
    add:
      peer === undefined
        ? []
        : [
            `link add name ${name} address ${ROUTER_MAC} mtu ${mtuBytes} type veth` +
              ` peer name ${peer.name} address ${MEMBER_MAC} mtu ${mtuBytes} netns ${peer.namespacePath}`,
            up,
          ],
    change: [up],
    remove: [`link del dev ${name}`],
  };
}

/** An interface that something else made: up, and with this MTU. */
export function deviceFact(name: string, mtuBytes: number): NetworkFact {
  const lines = [`link set dev ${name} mtu ${mtuBytes} addrgenmode none up`];
  return {
    key: `device ${name}`,
    value: `mtu ${mtuBytes} up`,
    device: name,
    add: lines,
    change: lines,
    remove: [],
  };
}

export function addressFact(device: string, address: IpAddress): NetworkFact {
  const text = `${address}/${address.includes(':') ? '128 nodad' : '32'}`;
  const add = [`addr replace ${text} dev ${device}`];
  return {
    key: `address ${device} ${address}`,
    value: '',
    device,
    add,
    change: add,
    remove: [`addr del ${text.split(' ')[0]} dev ${device}`],
  };
}

/** A neighbour that needs not be asked for. */
export function neighbourFact(device: string, address: IpAddress, mac: string): NetworkFact {
  const lines = [`neigh replace ${address} lladdr ${mac} dev ${device} nud permanent`];
  return {
    key: `neighbour ${device} ${address}`,
    value: mac,
    device,
    add: lines,
    change: lines,
    remove: [`neigh del ${address} dev ${device}`],
  };
}

export interface RouteFactInput {
  /** A prefix, with `0.0.0.0/0` and `::/0` for everything. */
  readonly destination: string;
  /** Absent: unreachable. */
  readonly device?: string;
  readonly gateway?: IpAddress;
  readonly source?: IpAddress;
  readonly mtuBytes?: number;
  readonly metric?: number;
  /** Stays when it is not wanted any more. */
  readonly keep?: boolean;
}

export function routeFact(route: RouteFactInput): NetworkFact {
  const { destination, device, gateway, source, mtuBytes, keep } = route;
  const metric = route.metric ?? 0;
  const kind = device === undefined ? 'unreachable ' : '';
  const key = `${destination} metric ${metric}`;
  const value = [
    kind.trim(),
    gateway === undefined ? '' : `via ${gateway}`,
    device === undefined ? '' : `dev ${device}`,
    gateway === undefined ? '' : 'onlink',
    source === undefined ? '' : `src ${source}`,
    mtuBytes === undefined ? '' : `mtu ${mtuBytes}`,
  ]
    .filter((part) => part !== '')
    .join(' ');
  const replace = [
    `route replace ${kind}${key} proto ${ROUTE_PROTOCOL} ${value.replace('unreachable', '')}`.trim(),
  ];
  return {
    key: `route ${key}`,
    value,
    ...(device !== undefined && { device }),
    add: replace,
    change: replace,
    remove: keep === true ? [] : [`route del ${kind}${key} proto ${ROUTE_PROTOCOL}`],
  };
}
