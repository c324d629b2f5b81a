import type { DomainName, ObjectName } from '../model/names.ts';
import { cidrValue, type Cidr } from './cidr.ts';

/**
 * Name of the AddressBlock object that claims a block: `red.10.81.0.16-28`, or for IPv6 all eight
 * groups, `red.fd00-0081-0000-0000-0000-0000-0000-0010-124`. One block has one name, so that creating
 * the object is the claim; the domain is part of it because two domains may have equal prefixes.
 */
export function addressBlockName(domain: DomainName, block: Cidr): ObjectName {
  const value = cidrValue(block);
  if (value.family === 4) return `${domain}.${block.replace('/', '-')}` as ObjectName;
  const hex = value.first.toString(16).padStart(32, '0');
  return `${domain}.${hex.match(/.{4}/g)?.join('-')}-${value.length}` as ObjectName;
}
