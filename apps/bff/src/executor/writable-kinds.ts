import type { Resource } from '@flatland/kube/client/resource';
import {
  AdmissionPolicy,
  ClusterLink,
  Domain,
  Membership,
  Mesh,
  TrustDomain,
} from '@flatland/kube/client/resources';

/** The kinds that a change set may write or delete; nothing else is ever touched. */
export const WRITABLE_KINDS: readonly Resource[] = [
  AdmissionPolicy,
  ClusterLink,
  Domain,
  Membership,
  Mesh,
  TrustDomain,
];

const WRITABLE = new Map(WRITABLE_KINDS.map((type) => [type.kind, type]));

/** The resource of a kind that may be written; undefined for every other. */
export function writableKind(kind: string): Resource | undefined {
  return WRITABLE.get(kind);
}
