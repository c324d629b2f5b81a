import { z } from 'zod';
import { zReasonCode } from '../reason/reasons.ts';
import { zIpAddress } from './addresses.ts';
import { defineKind } from './define-kind.ts';
import { zWorkloadKind } from './membership.ts';
import { zDomainName, zNamespaceName, zNodeName, zObjectName } from './names.ts';

const zPodRef = z.object({ namespace: zNamespaceName, name: zObjectName, uid: z.string() });
const zWorkloadOfPod = z.object({ kind: zWorkloadKind, name: zObjectName });

/** A named port of an instance's containers, for SRV records. */
export const zMemberPort = z.object({
  /** As Kubernetes has port names: at most 15 lower-case letters, digits and '-'. */
  name: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?$/),
  protocol: z.enum(['TCP', 'UDP', 'SCTP']),
  port: z.int().min(1).max(65_535),
});
export type MemberPort = z.infer<typeof zMemberPort>;

/** One instance in the domain. Listed only once its interface, addresses and routes are programmed. */
export const zMember = z.object({
  pod: zPodRef,
  workload: zWorkloadOfPod,
  addresses: z.array(zIpAddress).min(1).max(2),
  dnsNames: z.array(z.string()),
  /** What the pod has in its cluster's network, by which the cluster's name server names it; known in its own cluster only. */
  podAddresses: z.array(zIpAddress).max(2).optional(),
  /** SPIFFE id of the instance's service account. */
  identity: z.string(),
  ports: z.array(zMemberPort).max(16).optional(),
});
export type Member = z.infer<typeof zMember>;

/** An instance that a Membership names and the agent did not attach, with the reason. */
export const zRefusedMember = z.object({
  pod: zPodRef,
  workload: zWorkloadOfPod,
  reason: zReasonCode,
  message: z.string(),
});
export type RefusedMember = z.infer<typeof zRefusedMember>;

/** The members of one domain on one node. Named `<domain>.<node>`. */
export const zMemberSliceSpec = z.object({
  domain: zDomainName,
  node: zNodeName,
  members: z.array(zMember),
  refused: z.array(zRefusedMember),
});
export const zMemberSlice = defineKind('MemberSlice', zMemberSliceSpec, z.looseObject({}));
export type MemberSliceSpec = z.infer<typeof zMemberSliceSpec>;
export type MemberSlice = z.infer<typeof zMemberSlice>;
