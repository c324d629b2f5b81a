import { createHash } from 'node:crypto';
import { cidrContains, cidrFamily, cidrLength, subnetCount } from '@flatland/shared/address/arithmetic';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { NameServerObjects } from '@flatland/shared/dns/name-server';
import { BLOCK_LENGTH } from '@flatland/shared/model/address-block';
import type { AddressBlock } from '@flatland/shared/model/address-block';
import type { Domain, DomainSpec } from '@flatland/shared/model/domain';
import type { MemberSlice } from '@flatland/shared/model/member-slice';
import type { ClusterName } from '@flatland/shared/model/names';
import { domainFaults, rangeClash } from '@flatland/shared/topology/domain-rules';
import type { ClusterRanges } from '@flatland/shared/topology/topology';
import { canonicalJson } from '../mirror/canonical-json.ts';
import { bad, good } from '../status/conditions.ts';
import type { WantedCondition } from '../status/conditions.ts';
import type { WantedStatus } from '../status/write-status.ts';
import { namesCondition } from './names-condition.ts';

/** Warn when so much of a slice is claimed that a few more nodes use it up. */
const RUNNING_OUT = 0.9;

export interface DomainStatusInput {
  readonly cluster: ClusterName;
  readonly ranges: ClusterRanges;
  /** The Domain in its home cluster; undefined where no link shows it. */
  readonly home: { readonly spec: DomainSpec; readonly generation: number | undefined } | undefined;
  readonly addressBlocks: readonly AddressBlock[];
  readonly memberSlices: readonly MemberSlice[];
  /** What tells of the cluster's name server. */
  readonly names: NameServerObjects;
}

/** What the status of a cluster's copy of a Domain should say. */
export function domainStatus(domain: Domain, input: DomainStatusInput): WantedStatus {
  const name = domain.metadata.name;
  const members = input.memberSlices
    .filter((slice) => slice.spec.domain === name)
    .reduce((sum, slice) => sum + slice.spec.members.length, 0);
  return {
    conditions: [
      readyCondition(domain.spec, input),
      consistentCondition(domain.spec, input),
      addressesCondition(domain, input),
      ...(domain.spec.target === 'nsm' ? [] : namesCondition(domain.spec.dnsName, input.names)),
    ],
    fields: { memberCount: members },
  };
}

/** Identifies a Domain's spec: SHA-256 of its JSON with sorted keys, in hexadecimal. */
export function domainHash(spec: DomainSpec): string {
  return createHash('sha256').update(canonicalJson(spec)).digest('hex');
}

function readyCondition(spec: DomainSpec, { cluster, ranges }: DomainStatusInput): WantedCondition {
  if (!spec.clusters.some((entry) => entry.name === cluster)) {
    return bad('Ready', 'cluster-not-in-domain', `the domain does not span ${cluster}`);
  }
  const [fault] = domainFaults(spec);
  if (fault !== undefined) return bad('Ready', fault.refusal.code, `${fault.field}: ${fault.refusal.detail}`);
  const clash = rangeClash(spec.prefixes, cluster, ranges);
  return clash === undefined ? good('Ready') : bad('Ready', clash.code, clash.detail);
}

/** Slices come from the home cluster's copy: another copy must say the same about them. */
function consistentCondition(spec: DomainSpec, { cluster, home }: DomainStatusInput): WantedCondition {
  if (spec.home === cluster) return good('Consistent', `home, ${domainHash(spec).slice(0, 12)}`);
  if (home === undefined) {
    return {
      type: 'Consistent',
      status: 'Unknown',
      reason: 'cluster-unreachable',
      message: `no link shows the copy in ${spec.home}`,
    };
  }
  const difference = sliceDifference(spec, home.spec);
  if (difference !== undefined) {
    return bad(
      'Consistent',
      'slice-conflict',
      `${difference}; generation ${home.generation ?? '?'} of ${spec.home}`,
    );
  }
  return good(
    'Consistent',
    `generation ${home.generation ?? '?'} of ${spec.home}, ${domainHash(home.spec).slice(0, 12)}`,
  );
}

function sliceDifference(own: DomainSpec, home: DomainSpec): string | undefined {
  if (own.prefixes.join() !== home.prefixes.join()) {
    return `prefixes are ${own.prefixes.join(' and ')}, at home ${home.prefixes.join(' and ')}`;
  }
  const slices = (spec: DomainSpec) =>
    new Map(spec.clusters.map((entry) => [entry.name, entry.slices.toSorted().join(' and ')]));
  const [here, there] = [slices(own), slices(home)];
  for (const cluster of [...new Set([...here.keys(), ...there.keys()])].toSorted()) {
    const [a, b] = [here.get(cluster) ?? 'none', there.get(cluster) ?? 'none'];
    if (a !== b) return `the slice of ${cluster} is ${a}, at home ${b}`;
  }
  return undefined;
}

function addressesCondition(domain: Domain, input: DomainStatusInput): WantedCondition {
  const slices = domain.spec.clusters.find((entry) => entry.name === input.cluster)?.slices ?? [];
  const claimed = input.addressBlocks
    .filter((block) => block.spec.domain === domain.metadata.name)
    .map((block) => block.spec.prefix);
  const worst = slices.map((slice) => usage(slice, claimed)).toSorted((a, b) => b.ratio - a.ratio)[0];
  if (worst === undefined) return good('AddressesAvailable');
  const message = `${worst.nUsed} of ${worst.nBlocks} blocks of ${worst.slice} are claimed`;
  if (worst.ratio >= RUNNING_OUT) return bad('AddressesAvailable', 'addresses-exhausted', message);
  return good('AddressesAvailable', message);
}

function usage(
  slice: Cidr,
  claimed: readonly Cidr[],
): { slice: Cidr; nUsed: number; nBlocks: bigint; ratio: number } {
  const length = Math.max(BLOCK_LENGTH[cidrFamily(slice)], cidrLength(slice));
  const nBlocks = subnetCount(slice, length);
  const nUsed = claimed.filter((block) => cidrContains(slice, block)).length;
  return { slice, nUsed, nBlocks, ratio: nUsed / Number(nBlocks) };
}
