import { z } from 'zod';
import { defineKind } from './define-kind.ts';
import { zCondition } from './kubernetes-object.ts';
import { zDomainName, zObjectName } from './names.ts';

export const WORKLOAD_KINDS = ['DaemonSet', 'Deployment', 'Pod', 'StatefulSet'] as const;
export const zWorkloadKind = z.enum(WORKLOAD_KINDS);
export type WorkloadKind = z.infer<typeof zWorkloadKind>;

/** metav1.LabelSelector. An empty selector matches every pod of the namespace. */
export const zLabelSelector = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).optional(),
  matchExpressions: z
    .array(
      z.strictObject({
        key: z.string(),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']),
        values: z.array(z.string()).optional(),
      }),
    )
    .optional(),
});
export type LabelSelector = z.infer<typeof zLabelSelector>;

/** A workload, or the pods that a selector matches, of the Membership's own namespace in a domain; exactly one of the two. */
export const zMembershipSpec = z
  .strictObject({
    domain: zDomainName,
    workload: z.strictObject({ kind: zWorkloadKind, name: zObjectName }).optional(),
    selector: zLabelSelector.optional(),
  })
  .refine((spec) => (spec.workload === undefined) !== (spec.selector === undefined), {
    message: 'exactly one of workload and selector must be set',
  });

export const zMembershipStatus = z.looseObject({ conditions: z.array(zCondition).optional() });
export const zMembership = defineKind('Membership', zMembershipSpec, zMembershipStatus);
export type MembershipSpec = z.infer<typeof zMembershipSpec>;
export type Membership = z.infer<typeof zMembership>;
