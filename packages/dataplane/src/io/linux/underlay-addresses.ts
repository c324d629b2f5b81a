import { field, list, text } from '@flatland/shared/topology/facts/json';
import type { IpAddress } from '@flatland/shared/address/ip';
import type { UnderlayAddress } from '../../ports/host-network.ts';
import { parseListings } from './ip-batch.ts';
import { runCommand } from './run-command.ts';

/** The node's own global addresses: those of interfaces with a default route first, IPv4 before IPv6. */
export async function readUnderlay(): Promise<UnderlayAddress[]> {
  const lists = await Promise.all(
    (['-4', '-6'] as const).map((family) =>
      runCommand('ip', [family, '-json', '-details', '-batch', '-'], {
        input: 'addr show scope global up\nroute show default\n',
      }),
    ),
  );
  return underlayAddresses(lists.map((output) => parseListings(output.stdout)));
}

/** From listings of addresses and default routes, one pair a family. */
export function underlayAddresses(families: readonly (readonly unknown[][])[]): UnderlayAddress[] {
  const found: (UnderlayAddress & { readonly rank: number })[] = [];
  for (const [index, [links = [], routes = []]] of families.entries()) {
    const defaults = new Set(routes.map((route) => text(route, '', 'dev')));
    for (const link of links) {
      const interfaceName = text(link, '', 'ifname');
      if (text(link, '', 'link_type') === 'loopback') continue;
      for (const info of list(link, 'addr_info')) {
        if (field(info, 'temporary') === true || field(info, 'deprecated') === true) continue;
        found.push({
          address: text(info, '', 'local') as IpAddress,
          interfaceName,
          mtuBytes: Number(field(link, 'mtu')),
          rank: (defaults.has(interfaceName) ? 0 : 2) + index,
        });
      }
    }
  }
  return found
    .toSorted((a, b) => a.rank - b.rank || (a.address < b.address ? -1 : 1))
    .map(({ address, interfaceName, mtuBytes }) => ({ address, interfaceName, mtuBytes }));
}
