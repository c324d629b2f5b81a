import { BlockList, isIP } from 'node:net';

/** Whether an address may be dialled, and if not, which rule forbids it. */
export type AddressVerdict =
  | { readonly allowed: true }
  | { readonly allowed: false; readonly rule: AddressRule };

export type AddressRule = 'metadata' | 'link-local' | 'unspecified' | 'multicast' | 'reserved' | 'loopback';

/** Decides on a resolved address at the moment of dialling, so that no second lookup can slip in between. */
export type AddressPolicy = (address: string) => AddressVerdict;

/** For clusters that a person brings on the own machine: loopback is where kind, minikube and the lab listen. */
export const localAddressPolicy: AddressPolicy = makeAddressPolicy({ loopback: 'allow' });

/** For connections that others configure: loopback is refused too. */
export const strictAddressPolicy: AddressPolicy = makeAddressPolicy({ loopback: 'refuse' });

/**
 * A policy that refuses, in every spelling (IPv4-mapped, IPv4-compatible, NAT64, 6to4), the addresses that no
 * Kubernetes API has: cloud metadata services, link-local, unspecified, multicast and reserved ones.
 */
export function makeAddressPolicy(options: { loopback: 'allow' | 'refuse' }): AddressPolicy {
  return (address) => {
    const bare = address.replace(/%.*$/, '');
    const family = isIP(bare);
    if (family === 0) return { allowed: false, rule: 'reserved' };
    const loopback = LOOPBACK.check(bare, family === 4 ? 'ipv4' : 'ipv6');
    if (loopback && options.loopback === 'allow') return { allowed: true };
    for (const [rule, list] of RULES) {
      if (list.check(bare, family === 4 ? 'ipv4' : 'ipv6')) return { allowed: false, rule };
    }
    return { allowed: true };
  };
}

/* IANA IPv4 and IPv6 special-purpose address registries; the metadata addresses from the clouds' documentation. */
const LOOPBACK = blockList(['127.0.0.0/8'], ['::1/128']);
const RULES: readonly (readonly [AddressRule, BlockList])[] = [
  [
    'metadata',
    blockList(
      ['169.254.169.254/32', '169.254.170.2/32', '100.100.100.200/32', '168.63.129.16/32', '192.0.0.192/32'],
      ['fd00:ec2::254/128', 'fd20:ce::254/128'],
    ),
  ],
  ['link-local', blockList(['169.254.0.0/16'], ['fe80::/10', 'fec0::/10'])],
  ['loopback', LOOPBACK],
  ['unspecified', blockList(['0.0.0.0/8'], ['::/128'])],
  ['multicast', blockList(['224.0.0.0/4'], ['ff00::/8'])],
  [
    'reserved',
    blockList(
      ['192.0.0.0/24', '192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24', '240.0.0.0/4'],
      ['100::/64', '2001:db8::/32', '3fff::/20', '2001::/32', '64:ff9b:1::/48'],
    ),
  ],
];

function blockList(v4: readonly string[], v6: readonly string[]): BlockList {
  const list = new BlockList();
  for (const prefix of v4) {
    const [network, bits] = splitPrefix(prefix);
    list.addSubnet(network, bits, 'ipv4');
    const hex = hexGroups(network);
    list.addSubnet(`::${hex}`, 96 + bits, 'ipv6');
    list.addSubnet(`::ffff:${hex}`, 96 + bits, 'ipv6');
    list.addSubnet(`::ffff:0:${hex}`, 96 + bits, 'ipv6');
    list.addSubnet(`64:ff9b::${hex}`, 96 + bits, 'ipv6');
    list.addSubnet(`2002:${hex}::`, 16 + bits, 'ipv6');
  }
  for (const prefix of v6) {
    const [network, bits] = splitPrefix(prefix);
    list.addSubnet(network, bits, 'ipv6');
  }
  return list;
}

function splitPrefix(prefix: string): [string, number] {
  const slash = prefix.lastIndexOf('/');
  return [prefix.slice(0, slash), Number(prefix.slice(slash + 1))];
}

function hexGroups(v4: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = v4.split('.').map(Number);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}
