import { cidrFamily, compareCidr } from '@flatland/shared/address/arithmetic';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpFamily } from '@flatland/shared/address/ip';
import type { Domain } from '@flatland/shared/model/domain';
import type { ClusterName, DomainName } from '@flatland/shared/model/names';
import { domainFaults, rangeClash } from '@flatland/shared/topology/domain-rules';
import type { ClusterFacts } from '@flatland/shared/topology/facts/cluster-facts';
import { clusterRanges } from '@flatland/shared/topology/facts/cluster-ranges';
import { compareText } from './compare-text.ts';

/** A domain that this node takes part in. */
export interface NodeDomain {
  readonly name: DomainName;
  readonly uid: string;
  readonly domain: Domain;
  readonly prefixes: readonly Cidr[];
  /** The own cluster's slices. */
  readonly slices: readonly Cidr[];
  /** Families that the own cluster has a slice of, and so its members an address of. */
  readonly families: readonly IpFamily[];
  readonly dnsName: string;
}

/**
 * The domains that a node has a router for: those that span its cluster, are sound, overlap none of
 * the cluster's ranges, and are not programmed by something else. Sorted by name.
 */
export function nodeDomains(facts: ClusterFacts): NodeDomain[] {
  const { cluster } = facts.snapshot;
  const ranges = clusterRanges(facts.byKind);
  return facts.domains
    .filter(
      ({ spec }) =>
        spec.target === 'flatland' &&
        domainFaults(spec).length === 0 &&
        rangeClash(spec.prefixes, cluster, ranges) === undefined,
    )
    .flatMap((domain) => nodeDomain(domain, cluster))
    .toSorted((a, b) => compareText(a.name, b.name));
}

function nodeDomain(domain: Domain, cluster: ClusterName): NodeDomain[] {
  const { spec, metadata } = domain;
  const slices = spec.clusters.find((entry) => entry.name === cluster)?.slices;
  if (slices === undefined) return [];
  return [
    {
      name: metadata.name as DomainName,
      uid: metadata.uid ?? '',
      domain,
      prefixes: spec.prefixes.toSorted(compareCidr),
      slices: slices.toSorted(compareCidr),
      families: [...new Set(slices.map(cidrFamily))].toSorted((a, b) => a - b),
      dnsName: spec.dnsName.toLowerCase(),
    },
  ];
}
