import { addressAt, cidrHasAddress } from '@flatland/shared/address/arithmetic';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { IpAddress } from '@flatland/shared/address/ip';
import { ipBytes } from '../../core/wire/ip-bytes.ts';
import type { DnsService, DnsZone } from '../compile/node-program.ts';

/** A domain's zone, ready to be asked. */
export interface ZoneIndex {
  /** Lower-case, without the trailing dot. */
  readonly name: string;
  readonly prefixes: readonly Cidr[];
  readonly addresses: ReadonlyMap<string, readonly IpAddress[]>;
  readonly services: ReadonlyMap<string, DnsService['targets']>;
  /** Every name that is, or has something below it. */
  readonly existing: ReadonlySet<string>;
  /** The most specific name of each address, by its reverse name. */
  readonly reverse: ReadonlyMap<string, string>;
}

/** Prepares a zone for many questions. */
export function indexZone(zone: DnsZone, prefixes: readonly Cidr[]): ZoneIndex {
  const addresses = new Map(zone.records.map((record) => [record.name, record.addresses]));
  const existing = new Set<string>([zone.name]);
  const reverse = new Map<string, string>();
  const services = new Map(zone.services.map((service) => [service.name, service.targets]));
  for (const { name: whole } of [...zone.records, ...zone.services])
    for (let name = whole; name.length > zone.name.length; name = name.slice(name.indexOf('.') + 1))
      existing.add(name);
  for (const record of zone.records) {
    for (const address of record.addresses) {
      const key = reverseName(address);
      const known = reverse.get(key);
      if (known === undefined || nLabels(record.name) > nLabels(known)) reverse.set(key, record.name);
    }
  }
  return { name: zone.name, prefixes, addresses, services, existing, reverse };
}

/** Name under `in-addr.arpa` or `ip6.arpa` of an address (RFC 1035 §3.5, RFC 3596 §2.5). */
export function reverseName(address: IpAddress): string {
  const bytes = [...ipBytes(address)].toReversed();
  if (bytes.length === 4) return `${bytes.join('.')}.in-addr.arpa`;
  const nibbles = bytes.flatMap((byte) => [byte & 15, byte >> 4]);
  return `${nibbles.map((nibble) => nibble.toString(16)).join('.')}.ip6.arpa`;
}

/** True where the name is the reverse name of an address of the zone's prefixes, or above one. */
export function isReverseOf(zone: ZoneIndex, name: string): boolean {
  const address = addressOfReverse(name);
  return address !== undefined && zone.prefixes.some((prefix) => cidrHasAddress(prefix, address));
}

/** The address whose reverse name this is. */
export function addressOfReverse(name: string): IpAddress | undefined {
  const labels = name.split('.');
  if (name.endsWith('.in-addr.arpa') && labels.length === 6) {
    const bytes = labels.slice(0, 4).toReversed();
    if (!bytes.every((byte) => /^(0|[1-9][0-9]{0,2})$/.test(byte) && Number(byte) < 256)) return undefined;
    return bytes.join('.') as IpAddress;
  }
  if (!name.endsWith('.ip6.arpa') || labels.length !== 34) return undefined;
  const nibbles = labels.slice(0, 32).toReversed();
  if (!nibbles.every((nibble) => /^[0-9a-f]$/.test(nibble))) return undefined;
  return addressAt('::/0' as Cidr, BigInt(`0x${nibbles.join('')}`));
}

function nLabels(name: string): number {
  return name.split('.').length;
}
