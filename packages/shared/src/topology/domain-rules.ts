import { cidrContains, cidrFamily, cidrsOverlap } from '../address/arithmetic.ts';
import type { Cidr } from '../address/cidr.ts';
import type { DomainSpec } from '../model/domain.ts';
import type { ClusterName } from '../model/names.ts';
import type { Refusal } from '../reason/reasons.ts';
import { memoized } from './facts/memoized.ts';
import type { ClusterRanges } from './topology.ts';

/** A rule that a Domain breaks, and the field at fault. */
export interface DomainFault {
  readonly refusal: Refusal;
  readonly field: string;
}

/** What is wrong with a Domain by itself: families, slices outside the prefixes or over each other, an unknown home. */
export const domainFaults: (spec: DomainSpec) => readonly DomainFault[] = memoized((spec) => {
  const faults: DomainFault[] = [];
  const families = spec.prefixes.map(cidrFamily);
  if (new Set(families).size !== families.length)
    faults.push({
      refusal: { code: 'invalid-prefix', detail: 'at most one prefix of each family' },
      field: 'spec.prefixes',
    });
  if (!spec.clusters.some((cluster) => cluster.name === spec.home))
    faults.push({
      refusal: { code: 'unknown-cluster', detail: `home ${spec.home} is not one of the domain’s clusters` },
      field: 'spec.home',
    });
  const seen: { cluster: ClusterName; slice: Cidr }[] = [];
  for (const cluster of spec.clusters) {
    const field = `spec.clusters[name=${cluster.name}].slices`;
    for (const slice of cluster.slices) {
      if (!spec.prefixes.some((prefix) => cidrContains(prefix, slice)))
        faults.push({
          refusal: {
            code: 'slice-conflict',
            detail: `slice ${slice} of ${cluster.name} is outside ${spec.prefixes.join(' and ')}`,
          },
          field,
        });
      const other = seen.find((earlier) => cidrsOverlap(earlier.slice, slice));
      if (other)
        faults.push({
          refusal: {
            code: 'slice-conflict',
            detail: `slice ${slice} of ${cluster.name} overlaps ${other.slice} of ${other.cluster}`,
          },
          field,
        });
      seen.push({ cluster: cluster.name, slice });
    }
  }
  return faults;
});

/** The range of a cluster that a prefix of the domain overlaps, as a refusal that names both. */
export function rangeClash(
  prefixes: readonly Cidr[],
  cluster: ClusterName,
  ranges: ClusterRanges,
): Refusal | undefined {
  const kinds = [
    ['pod', ranges.pods],
    ['service', ranges.services],
    ['node', ranges.nodes],
  ] as const;
  for (const [kind, used] of kinds)
    for (const prefix of prefixes) {
      const range = used.find((other) => cidrsOverlap(prefix, other));
      if (range !== undefined)
        return {
          code: 'prefix-clash',
          detail: `${prefix} overlaps the ${kind} range ${range} of ${cluster}`,
        };
    }
  return undefined;
}

/** The two prefixes of two domains that overlap, as a refusal that names both domains. */
export function domainClash(
  a: { readonly name: string; readonly prefixes: readonly Cidr[] },
  b: { readonly name: string; readonly prefixes: readonly Cidr[] },
): Refusal | undefined {
  for (const prefix of a.prefixes)
    for (const other of b.prefixes) {
      if (!cidrsOverlap(prefix, other)) continue;
      const both = prefix === other ? `both use ${prefix}` : `use ${prefix} and ${other}, which overlap`;
      return { code: 'prefix-clash', detail: `${a.name} and ${b.name} ${both}` };
    }
  return undefined;
}
