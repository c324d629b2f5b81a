import type { Resource } from '@flatland/kube/client/resource';
import {
  AdmissionPolicy,
  ClusterLink,
  Domain,
  Membership,
  Mesh,
  TrustDomain,
} from '@flatland/kube/client/resources';

const WRITABLE = new Map<string, Resource>(
  [AdmissionPolicy, ClusterLink, Domain, Membership, Mesh, TrustDomain].map((type) => [type.kind, type]),
);

/** The kinds that a change set may write or delete; nothing else is ever touched. */
export function writableKind(kind: string): Resource | undefined {
  return WRITABLE.get(kind);
}
