import { z } from 'zod';
import { zCidr } from './addresses.ts';
import { defineKind } from './define-kind.ts';
import { zCondition } from './kubernetes-object.ts';
import { zClusterName } from './names.ts';

/** Lowest MTU of a domain: IPv6 needs 1280 (RFC 8200 §5). */
export const MTU_FLOOR_BYTES = 1280;

const zDomainCluster = z
  .strictObject({
    name: zClusterName.describe('Name of the cluster'),
    slices: z
      .array(zCidr)
      .min(1)
      .max(2)
      .describe('The part of each prefix that the cluster assigns addresses from'),
  })
  .describe('A cluster that the domain spans');

/** A flat L3 network; the same object in each of its clusters, `home` arbitrates slices. */
export const zDomainSpec = z
  .strictObject({
    prefixes: z
      .array(zCidr)
      .min(1)
      .max(2)
      .meta({
        description: 'Prefixes of the domain, at most one of each family. They cannot be changed',
        'x-kubernetes-validations': [
          { rule: 'self == oldSelf', message: 'prefixes cannot be changed; make another domain' },
        ],
      }),
    clusters: z
      .array(zDomainCluster)
      .max(1024)
      .meta({
        description: 'Clusters that the domain spans, and the slice of each',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      }),
    home: zClusterName.describe('The cluster whose copy of this object arbitrates slices'),
    dnsName: z
      .string()
      .min(1)
      .max(253)
      .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/, 'must be a DNS name')
      .describe('DNS zone of the domain, for example red.flatland'),
    mtuBytes: z
      .number()
      .int()
      .min(MTU_FLOOR_BYTES)
      .max(65_455)
      .describe('Largest packet inside the domain; computed from the underlay where it is left out')
      .optional(),
    allowedNamespaces: z
      .array(
        z
          .string()
          .regex(/^(\*|[a-z0-9]([-a-z0-9]*[a-z0-9])?)$/, 'must be the name of a namespace, or *')
          .max(63),
      )
      .max(1024)
      .meta({
        description: 'Namespaces whose memberships count, in any of the clusters; * admits all',
        'x-kubernetes-list-type': 'set',
      }),
    owner: z.string().min(1).max(253).describe('Organization that owns the domain'),
    target: z
      .enum(['flatland', 'nsm'])
      .default('flatland')
      .describe('What programs the domain: flatland, or nsm for export to Network Service Mesh'),
  })
  .meta({
    description: 'What the domain should be',
    'x-kubernetes-validations': [
      {
        rule: 'self.clusters.exists(c, c.name == self.home)',
        message: 'home must be one of the clusters',
        fieldPath: '.home',
      },
    ],
  });

export const zDomainStatus = z
  .looseObject({
    conditions: z.array(zCondition).describe('State of the domain in this cluster').optional(),
    memberCount: z.number().int().describe('Number of members in this cluster').optional(),
  })
  .describe('What the domain is');

export const zDomain = defineKind('Domain', zDomainSpec, zDomainStatus);
export type DomainSpec = z.infer<typeof zDomainSpec>;
export type Domain = z.infer<typeof zDomain>;
