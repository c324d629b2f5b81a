import { domainClash } from '@flatland/shared/topology/domain-rules';
import type { DomainView, Topology } from '@flatland/shared/topology/topology';

/** Domains whose prefixes overlap those of this one, in words. */
export function clashesOf(domain: DomainView, topology: Topology): string[] {
  return Object.values(topology.domains)
    .filter((other) => other.id !== domain.id)
    .flatMap(
      (other) =>
        domainClash(
          { name: domain.id, prefixes: domain.prefixes },
          { name: other.id, prefixes: other.prefixes },
        )?.detail ?? [],
    )
    .toSorted();
}
