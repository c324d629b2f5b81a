import { z } from 'zod';
import { zCidr } from './addresses.ts';
import { defineKind } from './define-kind.ts';
import { zCondition } from './kubernetes-object.ts';
import { zClusterName, zNamespaceName } from './names.ts';

/** Lowest MTU of a domain: IPv6 needs 1280 (RFC 8200 §5). */
export const MTU_FLOOR_BYTES = 1280;

/** The same in each of the domain's clusters; `home` arbitrates slices. */
export const zDomainSpec = z.strictObject({
  /** At most one prefix of each family. */
  prefixes: z.array(zCidr).min(1).max(2),
  /** Clusters that the domain spans and the slice of each; list-map keyed by name. */
  clusters: z.array(z.strictObject({ name: zClusterName, slices: z.array(zCidr).min(1).max(2) })),
  home: zClusterName,
  /** Zone of forward names, for example `red.flatland`. */
  dnsName: z.string().min(1).max(253),
  mtuBytes: z.number().int().min(MTU_FLOOR_BYTES).max(65_455).optional(),
  /** Namespaces whose Memberships count, in any of the clusters; `*` admits all. */
  allowedNamespaces: z.array(z.union([z.literal('*'), zNamespaceName])),
  /** Organization that owns the domain. */
  owner: z.string().min(1).max(253),
  target: z.enum(['flatland', 'nsm']).default('flatland'),
});

export const zDomainStatus = z.looseObject({
  conditions: z.array(zCondition).optional(),
  memberCount: z.number().int().optional(),
});

export const zDomain = defineKind('Domain', zDomainSpec, zDomainStatus);
export type DomainSpec = z.infer<typeof zDomainSpec>;
export type Domain = z.infer<typeof zDomain>;
