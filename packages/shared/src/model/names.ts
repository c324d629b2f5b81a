import { z } from 'zod';
import type { Brand } from './brand.ts';

/** Name of a cluster as Flatland knows it; a DNS label (RFC 1123). */
export type ClusterName = Brand<string, 'ClusterName'>;
/** Name of a Node object; a DNS subdomain. */
export type NodeName = Brand<string, 'NodeName'>;
/** Name of a Namespace object; a DNS label. */
export type NamespaceName = Brand<string, 'NamespaceName'>;
/** Name of a Domain object; a DNS label of at most 12 characters, so that interface names fit. */
export type DomainName = Brand<string, 'DomainName'>;
/** Name of any other object; a DNS subdomain. */
export type ObjectName = Brand<string, 'ObjectName'>;

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Longest domain name: `fl-` and the name must fit the 15 characters of a Linux interface name. */
export const DOMAIN_NAME_MAX = 12;

const label = (max: number) =>
  z
    .string()
    .min(1, 'must not be empty')
    .max(max, `must be no more than ${max} characters`)
    .regex(
      LABEL,
      "must be a DNS label: lower-case letters, digits and '-', beginning and ending with a letter or digit",
    );

const subdomain = z.string().min(1).max(253).regex(SUBDOMAIN, 'must be a DNS subdomain');

export const zClusterName = label(63).transform((s) => s as ClusterName);
export const zNamespaceName = label(63).transform((s) => s as NamespaceName);
export const zDomainName = label(DOMAIN_NAME_MAX).transform((s) => s as DomainName);
export const zNodeName = subdomain.transform((s) => s as NodeName);
export const zObjectName = subdomain.transform((s) => s as ObjectName);
