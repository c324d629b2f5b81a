import { z } from 'zod';
import { defineKind } from './define-kind.ts';
import { zCondition } from './kubernetes-object.ts';
import { zClusterName, zObjectName } from './names.ts';

/** Where another cluster's API is and which way objects are mirrored. Named as the other cluster. */
export const zClusterLinkSpec = z.strictObject({
  cluster: zClusterName,
  /** https URL of the other cluster's API. */
  server: z.string().regex(/^https:\/\/[^/@\s?#]+$/, 'must be an https URL without user, path or query'),
  /** PEM of the CA that signed the other API's certificate. */
  caBundle: z.string(),
  mode: z.enum(['pull', 'push']),
  /** Secret in the system namespace whose `token` speaks to the other cluster. */
  secretName: zObjectName,
  /** Slices that come from others over this link are passed on. */
  hub: z.boolean().default(false),
});
export const zClusterLink = defineKind(
  'ClusterLink',
  zClusterLinkSpec,
  z.looseObject({ conditions: z.array(zCondition).optional(), lastSyncTime: z.string().optional() }),
);
export type ClusterLinkSpec = z.infer<typeof zClusterLinkSpec>;
export type ClusterLink = z.infer<typeof zClusterLink>;
