/** Where datagrams go to and come from: an underlay address and port. */
import { ipValue, parseIpAddress, type IpAddress } from '@flatland/shared/address/ip';
import { err, ok, type Result } from '@flatland/shared/result';
import { writeIpBytes } from '../wire/ip-bytes.ts';

export interface UdpEndpoint {
  readonly address: IpAddress;
  /** Interface of a link-local IPv6 address; empty for all others. */
  readonly zone: string;
  readonly port: number;
}

/** Makes an endpoint; an IPv4 address that came mapped into IPv6 is the same as the plain one. */
export function udpEndpoint(address: IpAddress, port: number, zone = ''): UdpEndpoint {
  return { address: unmapped(address), zone, port };
}

/** Parses `192.0.2.1:51820`, `[2001:db8::1]:51820` or `[fe80::1%eth0]:51820`. */
export function parseUdpEndpoint(text: string): Result<UdpEndpoint, string> {
  const match = /^(?:\[([^\]%]+)(?:%([A-Za-z0-9_.-]{1,15}))?\]|([0-9.]+)):([0-9]{1,5})$/.exec(text);
  const fail = err('an endpoint is ADDRESS:PORT, with an IPv6 address in brackets');
  if (match === null) return fail;
  const address = parseIpAddress(match[1] ?? match[3] ?? '');
  const port = Number(match[4]);
  if (!address.ok || port < 1 || port > 65_535) return fail;
  return ok(udpEndpoint(address.value, port, match[2] ?? ''));
}

/** The text that `parseUdpEndpoint` reads. */
export function formatUdpEndpoint(endpoint: UdpEndpoint): string {
  const zone = endpoint.zone === '' ? '' : `%${endpoint.zone}`;
  return endpoint.address.includes(':')
    ? `[${endpoint.address}${zone}]:${endpoint.port}`
    : `${endpoint.address}:${endpoint.port}`;
}

export function sameEndpoint(a: UdpEndpoint | undefined, b: UdpEndpoint): boolean {
  return a !== undefined && a.port === b.port && a.address === b.address && a.zone === b.zone;
}

/** Address and port as bytes: what a cookie is bound to. */
export function endpointBytes(endpoint: UdpEndpoint): Uint8Array {
  const bytes = new Uint8Array(18);
  const length = writeIpBytes(endpoint.address, bytes, 0);
  bytes[length] = endpoint.port >> 8;
  bytes[length + 1] = endpoint.port & 255;
  return bytes.subarray(0, length + 2);
}

function unmapped(address: IpAddress): IpAddress {
  if (!address.startsWith('::ffff:')) return address;
  const { bits } = ipValue(address);
  if (bits >> 32n !== 0xffffn) return address;
  const parts = [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 255n));
  return parts.join('.') as IpAddress;
}
