import { z } from 'zod';
import { zReasonCode } from '../reason/reasons.ts';
import { zIpAddress } from './addresses.ts';
import { defineKind } from './define-kind.ts';
import { zWorkloadKind } from './membership.ts';
import { zDomainName, zNamespaceName, zNodeName, zObjectName } from './names.ts';

const zPodRef = z.strictObject({ namespace: zNamespaceName, name: zObjectName, uid: z.string() });
const zWorkloadOfPod = z.strictObject({ kind: zWorkloadKind, name: zObjectName });

/** One instance in the domain. Listed only once its interface, addresses and routes are programmed. */
export const zMember = z.strictObject({
  pod: zPodRef,
  workload: zWorkloadOfPod,
  addresses: z.array(zIpAddress).min(1).max(2),
  dnsNames: z.array(z.string()),
  /** SPIFFE id of the instance's service account. */
  identity: z.string(),
});
export type Member = z.infer<typeof zMember>;

/** An instance that a Membership names and the agent did not attach, with the reason. */
export const zRefusedMember = z.strictObject({
  pod: zPodRef,
  workload: zWorkloadOfPod,
  reason: zReasonCode,
  message: z.string(),
});
export type RefusedMember = z.infer<typeof zRefusedMember>;

/** The members of one domain on one node. Named `<domain>.<node>`. */
export const zMemberSliceSpec = z.strictObject({
  domain: zDomainName,
  node: zNodeName,
  members: z.array(zMember),
  refused: z.array(zRefusedMember),
});
export const zMemberSlice = defineKind('MemberSlice', zMemberSliceSpec, z.looseObject({}));
export type MemberSliceSpec = z.infer<typeof zMemberSliceSpec>;
export type MemberSlice = z.infer<typeof zMemberSlice>;
