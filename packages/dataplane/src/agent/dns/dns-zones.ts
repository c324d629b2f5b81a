import type { IpAddress } from '@flatland/shared/address/ip';
import type { DomainName } from '@flatland/shared/model/names';
import type { DnsZone, NodeProgram } from '../compile/node-program.ts';
import { NO_PODS, type NamingPods } from './naming-pods.ts';
import { indexZone, type ZoneIndex } from './zone-index.ts';

/** The zones that the agent answers for, and which pods may see which. */
export class DnsZones {
  readonly #zones = new Map<DomainName, { readonly source: DnsZone; readonly index: ZoneIndex }>();
  #pods = NO_PODS;

  /** Takes over a program, and who may see what of it. */
  follow(program: NodeProgram, pods: NamingPods): void {
    const prefixes = new Map(program.network.routers.map((router) => [router.domain, router.prefixes]));
    const wanted = new Set(program.domains.map(({ domain }) => domain));
    for (const domain of this.#zones.keys()) if (!wanted.has(domain)) this.#zones.delete(domain);
    for (const { domain, dns } of program.domains) {
      const known = this.#zones.get(domain);
      if (known !== undefined && JSON.stringify(known.source) === JSON.stringify(dns)) continue;
      this.#zones.set(domain, { source: dns, index: indexZone(dns, prefixes.get(domain) ?? []) });
    }
    this.#pods = pods;
  }

  zone(domain: DomainName): ZoneIndex | undefined {
    return this.#zones.get(domain)?.index;
  }

  /** The zones of the domains that the pod with this address is a member of. */
  zonesOfPod(address: IpAddress): ZoneIndex[] {
    return this.#pods.domainsOf(address).flatMap((domain) => this.zone(domain) ?? []);
  }

  /** Whether this address is that of one of the cluster's name servers on this node, which asks for others. */
  isNameServer(address: IpAddress): boolean {
    return this.#pods.isNameServer(address);
  }
}
