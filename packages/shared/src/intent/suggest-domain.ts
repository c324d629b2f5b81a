import type { Cidr } from '../address/cidr.ts';
import { choosePrefixes } from '../address/pool.ts';
import type { ClusterName, DomainName } from '../model/names.ts';
import type { Topology } from '../topology/topology.ts';
import type { NewDomain } from './intent.ts';

/** The new domain that a person is offered: the first free name and prefixes, over the given clusters. */
export function suggestDomain(topology: Topology, clusters: readonly ClusterName[]): NewDomain {
  const known = [
    ...Object.values(topology.domains).flatMap((domain) => domain.prefixes),
    ...Object.values(topology.clusters).flatMap(({ ranges }) => [
      ...ranges.pods,
      ...ranges.services,
      ...ranges.nodes,
    ]),
  ];
  let number = 1;
  while (topology.domains[`domain-${number}`] !== undefined) number++;
  const prefixes: readonly Cidr[] | undefined = choosePrefixes(known);
  return {
    name: `domain-${number}` as DomainName,
    clusters,
    ...(prefixes && { prefixes }),
    ...(clusters[0] && { home: clusters[0] }),
  };
}
