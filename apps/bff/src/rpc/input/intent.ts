import type { Intent } from '@flatland/shared/intent/intent';
import { zCidr } from '@flatland/shared/model/addresses';
import { zClusterName, zDomainName, zNamespaceName, zObjectName } from '@flatland/shared/model/names';
import { z } from 'zod';
import { boundedJsonFault } from './bounded-json.ts';
import { zId, zWorkloadId } from './ids.ts';

/** The most intents that one change set holds. */
const MAX_INTENTS = 500;
const MAX_MEMBERS = 1000;
const MAX_CLUSTERS = 100;
const MAX_NAMESPACES = 1000;

const zNewDomain = z.strictObject({
  name: zDomainName,
  clusters: z.array(zClusterName).min(1).max(MAX_CLUSTERS),
  prefixes: z.array(zCidr).min(1).max(2).exactOptional(),
  home: zClusterName.exactOptional(),
  mtuBytes: z.number().int().exactOptional(),
  allowedNamespaces: z
    .array(z.union([z.literal('*'), zNamespaceName]))
    .max(MAX_NAMESPACES)
    .exactOptional(),
});

/** An object as given: judged by the planner; here only bounded, and its prototype kept out of it. */
const zObject = z.custom<object>(isObject, 'must be an object').superRefine((value, context) => {
  const fault = boundedJsonFault(value);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
});

const intent = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('join'), workload: zWorkloadId, domain: zDomainName }),
  z.strictObject({
    kind: z.literal('join-namespace'),
    cluster: zClusterName,
    namespace: zNamespaceName,
    domain: zDomainName,
  }),
  z.strictObject({ kind: z.literal('leave'), workload: zWorkloadId, domain: zDomainName }),
  z.strictObject({
    kind: z.literal('create-domain'),
    domain: zNewDomain,
    members: z.array(zWorkloadId).max(MAX_MEMBERS),
  }),
  z.strictObject({ kind: z.literal('delete-domain'), domain: zDomainName }),
  z.strictObject({ kind: z.literal('span'), cluster: zClusterName, domain: zDomainName }),
  z.strictObject({ kind: z.literal('unspan'), cluster: zClusterName, domain: zDomainName }),
  z.strictObject({ kind: z.literal('bind-mesh'), mesh: zId, domain: zDomainName }),
  z.strictObject({ kind: z.literal('enrol'), workload: zWorkloadId, mesh: zId }),
  z.strictObject({
    kind: z.literal('link'),
    clusters: z.tuple([zClusterName, zClusterName]),
    dialler: zClusterName.exactOptional(),
    through: zClusterName.exactOptional(),
  }),
  z.strictObject({ kind: z.literal('renew-link'), cluster: zClusterName, link: zObjectName }),
  z.strictObject({ kind: z.literal('put-object'), cluster: zClusterName, object: zObject }),
  z.strictObject({ kind: z.literal('delete-object'), cluster: zClusterName, object: zObject }),
]);

/** What a person wants, from outside. The planner judges it further; this only makes it well-formed. */
export const zIntents: z.ZodType<readonly Intent[]> = z.array(intent).min(1).max(MAX_INTENTS);

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
