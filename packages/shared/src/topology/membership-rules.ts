import type { Domain } from '../model/domain.ts';
import { FLATLAND_API_VERSION } from '../model/kubernetes-object.ts';
import type { Membership } from '../model/membership.ts';
import type { ClusterName } from '../model/names.ts';
import type { Refusal } from '../reason/reasons.ts';
import { domainClash, domainFaults, rangeClash } from './domain-rules.ts';
import type { ClusterRanges, ObjectRef } from './topology.ts';

/** Whether something counts, and the object and field that decide. */
export interface Ruling {
  readonly refusal?: Refusal;
  readonly deciding: ObjectRef;
}

/** What the rules look at beside the Membership itself: all of it in the Membership's own cluster. */
export interface MembershipContext {
  readonly cluster: ClusterName;
  /** The cluster's own copy of the Domain. */
  readonly domain: Domain | undefined;
  readonly ranges: ClusterRanges;
}

/**
 * Does a Membership count? Two sides consent: the Domain must exist in the cluster, span it, be
 * sound, overlap none of the cluster's ranges, and admit the namespace. The console and the agents
 * use this one rule; the agents enforce it.
 */
export function ruleMembership(membership: Membership, context: MembershipContext): Ruling {
  const { cluster, domain } = context;
  const own = membershipRef(membership, cluster, 'spec.domain');
  const name = membership.spec.domain;
  if (domain === undefined)
    return {
      refusal: { code: 'domain-not-found', detail: `${name} does not exist in ${cluster}` },
      deciding: own,
    };
  const of = (field: string): ObjectRef => ({
    cluster,
    apiVersion: FLATLAND_API_VERSION,
    kind: 'Domain',
    name,
    field,
  });
  if (!domain.spec.clusters.some((entry) => entry.name === cluster))
    return {
      refusal: { code: 'cluster-not-in-domain', detail: `${name} does not span ${cluster}` },
      deciding: of('spec.clusters'),
    };
  const fault = domainFaults(domain.spec)[0];
  if (fault) return { refusal: fault.refusal, deciding: of(fault.field) };
  const clash = rangeClash(domain.spec.prefixes, cluster, context.ranges);
  if (clash) return { refusal: clash, deciding: of('spec.prefixes') };
  const namespace = membership.metadata.namespace ?? 'default';
  if (!namespaceAllowed(domain.spec.allowedNamespaces, namespace))
    return {
      refusal: { code: 'namespace-not-allowed', detail: `${name} does not admit namespace ${namespace}` },
      deciding: of('spec.allowedNamespaces'),
    };
  return { deciding: own };
}

/** True where the list names the namespace, or everything. */
export function namespaceAllowed(allowed: readonly string[], namespace: string): boolean {
  return allowed.includes('*') || allowed.includes(namespace);
}

/** A Membership that selects one workload, as far as the rules among several need it. */
export interface Claim {
  readonly membership: Membership;
  readonly domain: Domain;
}

/**
 * Rules between one workload's Memberships that count each by itself: a domain whose prefix overlaps
 * that of an earlier one is refused (older first, then by name), so that what works keeps working.
 * Several Memberships in one domain are one. Gives a ruling for each claim, in the claims' order.
 */
export function ruleClaims(
  claims: readonly Claim[],
  workload: { readonly cluster: ClusterName; readonly hostNetwork: boolean; readonly name: string },
): Ruling[] {
  const { cluster } = workload;
  const accepted: Claim[] = [];
  const rulings = new Map<Claim, Ruling>();
  for (const claim of claims.toSorted(compareClaims)) {
    const deciding = membershipRef(claim.membership, cluster, 'spec.domain');
    if (workload.hostNetwork) {
      rulings.set(claim, {
        refusal: { code: 'host-network', detail: `${workload.name} uses its node’s network` },
        deciding,
      });
      continue;
    }
    const clash = accepted
      .filter((other) => other.domain.metadata.name !== claim.domain.metadata.name)
      .map((other) => domainClash(domainOf(claim), domainOf(other)))
      .find((refusal) => refusal !== undefined);
    rulings.set(
      claim,
      clash
        ? {
            refusal: clash,
            deciding: {
              ...deciding,
              kind: 'Domain',
              name: claim.domain.metadata.name,
              field: 'spec.prefixes',
            },
          }
        : { deciding },
    );
    if (!clash) accepted.push(claim);
  }
  return claims.map((claim) => rulings.get(claim) as Ruling);
}

/** Names a Membership, for verdicts. */
export function membershipRef(membership: Membership, cluster: ClusterName, field: string): ObjectRef {
  const { namespace, name } = membership.metadata;
  return {
    cluster,
    apiVersion: FLATLAND_API_VERSION,
    kind: 'Membership',
    namespace: namespace ?? 'default',
    name,
    field,
  };
}

function domainOf(claim: Claim) {
  return { name: claim.domain.metadata.name, prefixes: claim.domain.spec.prefixes };
}

/** A membership that is not created yet comes last. */
function compareClaims(a: Claim, b: Claim): number {
  const key = (claim: Claim) =>
    `${claim.membership.metadata.creationTimestamp ?? '~'} ${claim.domain.metadata.name} ${claim.membership.metadata.name}`;
  return key(a) < key(b) ? -1 : 1;
}
