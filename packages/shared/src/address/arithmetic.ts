import { cidrValue, formatCidr, type Cidr, type CidrValue } from './cidr.ts';
import { familyBits, formatIp, ipValue, type IpAddress, type IpFamily } from './ip.ts';

/** Address family of a prefix. */
export function cidrFamily(cidr: Cidr): IpFamily {
  return cidrValue(cidr).family;
}

/** Prefix length of a prefix. */
export function cidrLength(cidr: Cidr): number {
  return cidrValue(cidr).length;
}

/** True where every address of `inner` is in `outer`. */
export function cidrContains(outer: Cidr, inner: Cidr): boolean {
  const a = cidrValue(outer);
  const b = cidrValue(inner);
  return a.family === b.family && a.length <= b.length && network(b.first, a) === a.first;
}

/** True where the address is in the prefix. */
export function cidrHasAddress(cidr: Cidr, address: IpAddress): boolean {
  const a = cidrValue(cidr);
  const b = ipValue(address);
  return a.family === b.family && network(b.bits, a) === a.first;
}

/** True where the two prefixes share an address. */
export function cidrsOverlap(a: Cidr, b: Cidr): boolean {
  return cidrContains(a, b) || cidrContains(b, a);
}

/** Number of addresses of a prefix. */
export function cidrSize(cidr: Cidr): bigint {
  const value = cidrValue(cidr);
  return 1n << BigInt(familyBits(value.family) - value.length);
}

/** The `index`-th address of a prefix, or undefined past its end. */
export function addressAt(cidr: Cidr, index: bigint): IpAddress | undefined {
  const value = cidrValue(cidr);
  if (index < 0n || index >= cidrSize(cidr)) return undefined;
  return formatIp({ family: value.family, bits: value.first + index });
}

/** The `index`-th sub-prefix of the given length, or undefined past the end. */
export function subnetAt(cidr: Cidr, length: number, index: bigint): Cidr | undefined {
  const value = cidrValue(cidr);
  if (length < value.length || length > familyBits(value.family) || index < 0n) return undefined;
  if (index >= subnetCount(cidr, length)) return undefined;
  const size = 1n << BigInt(familyBits(value.family) - length);
  return formatCidr({ family: value.family, first: value.first + index * size, length });
}

/** How many sub-prefixes of the length a prefix has. */
export function subnetCount(cidr: Cidr, length: number): bigint {
  return 1n << BigInt(Math.max(0, length - cidrLength(cidr)));
}

/** The prefix that holds just this address: /32 or /128. */
export function hostCidr(address: IpAddress): Cidr {
  const value = ipValue(address);
  return formatCidr({ family: value.family, first: value.bits, length: familyBits(value.family) });
}

/** Order of prefixes: IPv4 before IPv6, then by address, then shorter first. */
export function compareCidr(a: Cidr, b: Cidr): number {
  const x = cidrValue(a);
  const y = cidrValue(b);
  return x.family - y.family || compareBigint(x.first, y.first) || x.length - y.length;
}

/** Order of addresses: IPv4 before IPv6, then by number. */
export function compareAddress(a: IpAddress, b: IpAddress): number {
  const x = ipValue(a);
  const y = ipValue(b);
  return x.family - y.family || compareBigint(x.bits, y.bits);
}

function network(bits: bigint, prefix: CidrValue): bigint {
  const host = BigInt(familyBits(prefix.family) - prefix.length);
  return (bits >> host) << host;
}

function compareBigint(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
