import { z } from 'zod';
import { zIpAddress } from './addresses.ts';
import { defineKind } from './define-kind.ts';
import { zCondition } from './kubernetes-object.ts';
import { zLabelSelector } from './membership.ts';
import { zDomainName, zNamespaceName, zObjectName } from './names.ts';
import { zEndpointCandidate } from './node-peer.ts';

const conditions = z.looseObject({ conditions: z.array(zCondition).optional() });
const publicKey = z
  .string()
  .regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, 'must be a WireGuard public key in base64');
const port = z.strictObject({
  protocol: z.enum(['TCP', 'UDP', 'ICMP']),
  port: z.number().int().min(1).max(65_535).optional(),
});

/** Whose identities an organization's workloads carry (SPIFFE). */
export const zTrustDomainSpec = z.strictObject({
  /** SPIFFE trust domain name: lower-case letters, digits, dots, dashes, underscores. */
  name: z.string().regex(/^[a-z0-9._-]{1,255}$/, 'must be a SPIFFE trust domain name'),
  /** SPIFFE bundle (JWKS) as JSON text. */
  bundle: z.string().optional(),
  bundleEndpoint: z
    .string()
    .regex(/^https:\/\/[^@\s]+$/, 'must be an https URL')
    .optional(),
  refreshHintSeconds: z.number().int().min(1).max(86_400).default(300),
});
export const zTrustDomain = defineKind('TrustDomain', zTrustDomainSpec, conditions);
export type TrustDomain = z.infer<typeof zTrustDomain>;

/** Which partner identities may join which domain, and which ports they reach. */
export const zAdmissionPolicySpec = z.strictObject({
  domain: zDomainName,
  rules: z.array(
    z.strictObject({
      action: z.enum(['accept', 'deny']),
      trustDomain: z.string(),
      spiffeId: z.string().optional(),
      namespace: zNamespaceName.optional(),
      serviceAccount: zObjectName.optional(),
      labels: zLabelSelector.optional(),
      /** CEL over the request's verified identity. */
      expression: z.string().max(4096).optional(),
      ports: z.array(port).optional(),
    }),
  ),
  tests: z.array(z.strictObject({ spiffeId: z.string(), expect: z.enum(['accept', 'deny']) })).optional(),
});
export const zAdmissionPolicy = defineKind('AdmissionPolicy', zAdmissionPolicySpec, conditions);
export type AdmissionPolicy = z.infer<typeof zAdmissionPolicy>;

/** A partner's controller asks for one workload instance; create-only. */
export const zJoinRequestSpec = z.strictObject({
  domain: zDomainName,
  /** JWT-SVID whose audience names owner, domain and the node key's hash; erased once decided. */
  token: z.string().max(16_384).optional(),
  workload: z.strictObject({ namespace: zNamespaceName, name: zObjectName, pod: zObjectName }),
  publicKey,
  candidates: z.array(zEndpointCandidate),
});
export const zJoinRequest = defineKind(
  'JoinRequest',
  zJoinRequestSpec,
  z.looseObject({
    decision: z.enum(['granted', 'refused', 'waiting']).optional(),
    addresses: z.array(zIpAddress).optional(),
    expiresAt: z.string().optional(),
    reason: z.string().optional(),
    conditions: z.array(zCondition).optional(),
  }),
);
export type JoinRequest = z.infer<typeof zJoinRequest>;

/** What one partner may see of a domain. */
export const zPartnerSliceSpec = z.strictObject({
  domain: zDomainName,
  granted: z.array(
    z.strictObject({ request: zObjectName, addresses: z.array(zIpAddress), expiresAt: z.string() }),
  ),
  reachable: z.array(
    z.strictObject({
      name: z.string(),
      addresses: z.array(zIpAddress),
      publicKey,
      candidates: z.array(zEndpointCandidate),
      ports: z.array(port),
    }),
  ),
});
export const zPartnerSlice = defineKind('PartnerSlice', zPartnerSliceSpec, conditions);
export type PartnerSlice = z.infer<typeof zPartnerSlice>;
