import type { IpAddress } from '@flatland/shared/address/ip';
import { isNameServer } from '@flatland/shared/dns/node-dns';
import type { MemberSlice } from '@flatland/shared/model/member-slice';
import type { DomainName } from '@flatland/shared/model/names';
import type { ClusterFacts } from '@flatland/shared/topology/facts/cluster-facts';
import type { MemberOutcome } from '../../ports/host-network.ts';
import { nodePods } from '../compile/select-members.ts';

/** The cluster's pods as they matter for names; addresses are those that pods have in their cluster's network. */
export interface NamingPods {
  /** The domains that a pod is a member of. */
  domainsOf(address: IpAddress): readonly DomainName[];
  /** Whether it is one of the cluster's name servers on this node, which asks for others. */
  isNameServer(address: IpAddress): boolean;
}

/** A pod's being a member of a domain. */
export type MemberName = Pick<MemberOutcome, 'domain' | 'podUid'>;

/** Before anything is known. */
export const NO_PODS: NamingPods = { domainsOf: () => [], isNameServer: () => false };

/**
 * The pods of the own node by whom its agent tells as members, those of the others by their agents' MemberSlices: what
 * another node says of this node's pods does not count. What is said of the others is looked at when somebody asks.
 */
export function namingPods(facts: ClusterFacts, node: string, members: readonly MemberName[]): NamingPods {
  const pods = nodePods(facts, node).map(({ pod }) => pod);
  const domains = Map.groupBy(members, (one) => one.podUid);
  const own = new Map(
    pods.flatMap(({ uid, podAddresses }) =>
      podAddresses.map((address) => [address, (domains.get(uid) ?? []).map(({ domain }) => domain)] as const),
    ),
  );
  const nameServers = new Set(pods.filter(isNameServer).flatMap(({ podAddresses }) => podAddresses));
  let others: ReturnType<typeof domainsOfOthers> | undefined;
  return {
    domainsOf: (address) =>
      own.get(address) ?? (others ??= domainsOfOthers(facts.memberSlices, node)).get(address) ?? [],
    isNameServer: (address) => nameServers.has(address),
  };
}

function domainsOfOthers(slices: readonly MemberSlice[], node: string): Map<IpAddress, DomainName[]> {
  const domains = new Map<IpAddress, DomainName[]>();
  for (const { spec } of slices) {
    if (spec.node === node) continue;
    for (const { podAddresses = [] } of spec.members)
      for (const address of podAddresses) {
        const known = domains.get(address);
        if (known === undefined) domains.set(address, [spec.domain]);
        else if (!known.includes(spec.domain)) known.push(spec.domain);
      }
  }
  return domains;
}
