import { z } from 'zod';
import { zCidr } from './addresses.ts';
import { defineKind } from './define-kind.ts';
import { zDomainName, zNodeName } from './names.ts';

/** Length of a block in each family, unless a domain says otherwise. */
export const BLOCK_LENGTH = { 4: 28, 6: 124 } as const;

/** A node's claim on a block of its cluster's slice. The object's name is the block (`addressBlockName`). */
export const zAddressBlockSpec = z.object({ domain: zDomainName, prefix: zCidr, node: zNodeName });
export const zAddressBlock = defineKind('AddressBlock', zAddressBlockSpec, z.looseObject({}));
export type AddressBlockSpec = z.infer<typeof zAddressBlockSpec>;
export type AddressBlock = z.infer<typeof zAddressBlock>;
