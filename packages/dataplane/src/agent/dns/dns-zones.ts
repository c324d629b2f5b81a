import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import type { DnsZone, NodeProgram } from '../compile/node-program.ts';
import { indexZone, type ZoneIndex } from './zone-index.ts';

/** The zones that the agent answers for, and which pods may see which. */
export class DnsZones {
  readonly #zones = new Map<DomainName, { readonly source: DnsZone; readonly index: ZoneIndex }>();
  #domainsOfPod: ReadonlyMap<IpAddress, readonly DomainName[]> = new Map();

  /** Takes over a program. `domainsOfPod`: programmed domains of the node's pods, by their cluster address. */
  follow(program: NodeProgram, domainsOfPod: ReadonlyMap<IpAddress, readonly DomainName[]>): void {
    const prefixes = new Map(program.network.routers.map((router) => [router.domain, router.prefixes]));
    const wanted = new Set(program.domains.map(({ domain }) => domain));
    for (const domain of this.#zones.keys()) if (!wanted.has(domain)) this.#zones.delete(domain);
    for (const { domain, dns } of program.domains) {
      const known = this.#zones.get(domain);
      if (known !== undefined && JSON.stringify(known.source) === JSON.stringify(dns)) continue;
      this.#zones.set(domain, { source: dns, index: indexZone(dns, prefixes.get(domain) ?? []) });
    }
    this.#domainsOfPod = domainsOfPod;
  }

  zone(domain: DomainName): ZoneIndex | undefined {
    return this.#zones.get(domain)?.index;
  }

  /** The zones of the domains that the pod with this address is a member of. */
  zonesOfPod(address: IpAddress): ZoneIndex[] {
    return (this.#domainsOfPod.get(address) ?? []).flatMap((domain) => this.zone(domain) ?? []);
  }
}
