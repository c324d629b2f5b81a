import type { Intent } from '@flatland/shared/intent/intent';
import { zCidr } from '@flatland/shared/model/addresses';
import { zClusterName, zDomainName, zNamespaceName } from '@flatland/shared/model/names';
import { z } from 'zod';
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
  z.strictObject({ kind: z.literal('put-object'), cluster: zClusterName, object: z.looseObject({}) }),
  z.strictObject({ kind: z.literal('delete-object'), cluster: zClusterName, object: z.looseObject({}) }),
]);

/** What a person wants, from outside. The planner judges it further; this only makes it well-formed. */
export const zIntents: z.ZodType<readonly Intent[]> = z.array(intent).min(1).max(MAX_INTENTS);
