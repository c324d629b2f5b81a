import { z } from 'zod';
import { defineKind } from './define-kind.ts';
import { zCondition } from './kubernetes-object.ts';
import { zClusterName, zObjectName } from './names.ts';

/** The Secret of the system namespace that holds the tokens of links, each under the other cluster’s name. */
export const LINKS_SECRET = 'flatland-links';
/** The ServiceAccount, in the cluster that a link leads to, whose token the link uses. */
export const LINK_ACCOUNT = 'flatland-link';
/** What a new token of a link lives; the controller that uses it makes another at half of that. */
export const LINK_TOKEN_SECONDS = 7 * 86_400;

/** Where another cluster's API is and which way objects are mirrored. Named as the other cluster. */
export const zClusterLinkSpec = z.strictObject({
  cluster: zClusterName,
  /** https URL of the other cluster's API. */
  server: z.string().regex(/^https:\/\/[^/@\s?#]+$/, 'must be an https URL without user, path or query'),
  /** PEM of the CA that signed the other API's certificate. */
  caBundle: z.string(),
  mode: z.enum(['pull', 'push']),
  /** Secret in the system namespace whose `secretKey` holds the token that speaks to the other cluster. */
  secretName: zObjectName,
  /** Which of the Secret's entries holds it. */
  secretKey: z
    .string()
    .regex(/^[-._a-zA-Z0-9]{1,253}$/, 'must be a key of a Secret')
    .default('token'),
  /** Slices that come from others over this link are passed on. */
  hub: z.boolean().default(false),
});
export const zClusterLink = defineKind(
  'ClusterLink',
  zClusterLinkSpec,
  z.looseObject({
    conditions: z.array(zCondition).optional(),
    lastSyncTime: z.string().optional(),
    /** When the token in use ends, where the token says it (RFC 3339). */
    tokenExpiresAt: z.string().optional(),
  }),
);
export type ClusterLinkSpec = z.infer<typeof zClusterLinkSpec>;
export type ClusterLink = z.infer<typeof zClusterLink>;
