import { z } from 'zod';
import { defineKind } from './define-kind.ts';
import { zCondition } from './kubernetes-object.ts';
import { zDomainName, zObjectName } from './names.ts';

export const WORKLOAD_KINDS = ['DaemonSet', 'Deployment', 'Pod', 'StatefulSet'] as const;
export const zWorkloadKind = z.enum(WORKLOAD_KINDS);
export type WorkloadKind = z.infer<typeof zWorkloadKind>;

/** metav1.LabelSelector. An empty selector matches every pod of the namespace. */
export const zLabelSelector = z.strictObject({
  matchLabels: z.record(z.string(), z.string()).describe('Labels that a pod must have').optional(),
  matchExpressions: z
    .array(
      z.strictObject({
        key: z.string().describe('Key of the label'),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('How key and values relate'),
        values: z.array(z.string()).describe('Values for In and NotIn').optional(),
      }),
    )
    .describe('Requirements that a pod must meet, all of them')
    .optional(),
});
export type LabelSelector = z.infer<typeof zLabelSelector>;

/** A workload, or the pods that a selector matches, of the Membership's own namespace in a domain; exactly one of the two. */
export const zMembershipSpec = z
  .strictObject({
    domain: zDomainName.meta({
      description: 'Name of the Domain. It cannot be changed',
      'x-kubernetes-validations': [
        { rule: 'self == oldSelf', message: 'domain cannot be changed; make another membership' },
      ],
    }),
    workload: z
      .strictObject({
        kind: zWorkloadKind.describe('Kind of the workload'),
        name: zObjectName.describe('Name of the workload'),
      })
      .describe('A workload of the same namespace')
      .optional(),
    selector: zLabelSelector
      .describe('Pods of the same namespace by their labels; an empty selector matches all')
      .optional(),
  })
  .refine((spec) => (spec.workload === undefined) !== (spec.selector === undefined), {
    message: 'exactly one of workload and selector must be set',
  })
  .meta({
    description: 'Which workload is in which domain',
    'x-kubernetes-validations': [
      {
        rule: 'has(self.workload) != has(self.selector)',
        message: 'exactly one of workload and selector must be set',
      },
    ],
  });

export const zMembershipStatus = z
  .looseObject({ conditions: z.array(zCondition).describe('State of the membership').optional() })
  .describe('Whether the membership counts');
export const zMembership = defineKind('Membership', zMembershipSpec, zMembershipStatus);
export type MembershipSpec = z.infer<typeof zMembershipSpec>;
export type Membership = z.infer<typeof zMembership>;
