/** IPv4 (RFC 791) and IPv6 (RFC 8200) packets as values. Options and extension headers are not written. */
import type { IpAddress, IpFamily } from '@flatland/shared/address/ip';
import { err, ok, type Result } from '@flatland/shared/result';
import { viewOf } from '../noise/bytes.ts';
import { checksum } from './checksum.ts';
import { ipBytes, ipOfBytes } from './ip-bytes.ts';
import { IPV4_HEADER_BYTES, IPV6_HEADER_BYTES, viewIpPacket } from './ip-packet.ts';

export interface IpPacket {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** Protocol of IPv4, next header of IPv6. */
  readonly protocol: number;
  /** Time to live, or hop limit. */
  readonly hopLimit: number;
  readonly payload: Uint8Array;
  /** Always so with IPv6. */
  readonly dontFragment: boolean;
  /** Part of a larger packet: there is more, or something came before. */
  readonly isFragment: boolean;
}

export type IpParseError = 'malformed' | 'checksum-invalid';

/** Reads a packet; the payload is a view of it, without padding. */
export function parseIp(packet: Uint8Array): Result<IpPacket, IpParseError> {
  const view = viewIpPacket(packet);
  if (view === undefined) return err('malformed');
  return view.family === 4 ? parseIpv4(packet, view.totalBytes) : parseIpv6(packet, view.totalBytes);
}

/** A packet's bytes. */
export function ipPacketBytes(packet: IpPacket): Uint8Array {
  const headerBytes = familyOf(packet.source) === 4 ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
  const bytes = new Uint8Array(headerBytes + packet.payload.length);
  writeIp(packet, bytes);
  return bytes;
}

/** The family of an address in canonical text. */
export function familyOf(address: IpAddress): IpFamily {
  return address.includes(':') ? 6 : 4;
}

function parseIpv4(packet: Uint8Array, totalBytes: number): Result<IpPacket, IpParseError> {
  const headerBytes = (packet[0]! & 15) * 4;
  if (headerBytes < IPV4_HEADER_BYTES || headerBytes > totalBytes) return err('malformed');
  if (checksum(packet.subarray(0, headerBytes)) !== 0) return err('checksum-invalid');
  const fragment = viewOf(packet).getUint16(6);
  return ok({
    source: ipOfBytes(packet.subarray(12, 16)),
    destination: ipOfBytes(packet.subarray(16, 20)),
    protocol: packet[9]!,
    hopLimit: packet[8]!,
    payload: packet.subarray(headerBytes, totalBytes),
    dontFragment: (fragment & 0x4000) !== 0,
    isFragment: (fragment & 0x3fff) !== 0,
  });
}

function parseIpv6(packet: Uint8Array, totalBytes: number): Result<IpPacket, IpParseError> {
  return ok({
    source: ipOfBytes(packet.subarray(8, 24)),
    destination: ipOfBytes(packet.subarray(24, 40)),
    protocol: packet[6]!,
    hopLimit: packet[7]!,
    payload: packet.subarray(IPV6_HEADER_BYTES, totalBytes),
    dontFragment: true,
    isFragment: packet[6] === 44,
  });
}

function writeIpv4(packet: IpPacket, dst: Uint8Array): number {
  const totalBytes = IPV4_HEADER_BYTES + packet.payload.length;
  const view = viewOf(dst);
  dst.fill(0, 0, IPV4_HEADER_BYTES);
  dst[0] = 0x45;
  view.setUint16(2, totalBytes);
  view.setUint16(6, packet.dontFragment ? 0x4000 : 0);
  dst[8] = packet.hopLimit;
  dst[9] = packet.protocol;
  dst.set(ipBytes(packet.source), 12);
  dst.set(ipBytes(packet.destination), 16);
  view.setUint16(10, checksum(dst.subarray(0, IPV4_HEADER_BYTES)));
  dst.set(packet.payload, IPV4_HEADER_BYTES);
  return totalBytes;
}

function writeIpv6(packet: IpPacket, dst: Uint8Array): number {
  const view = viewOf(dst);
  dst.fill(0, 0, IPV6_HEADER_BYTES);
  dst[0] = 0x60;
  view.setUint16(4, packet.payload.length);
  dst[6] = packet.protocol;
  dst[7] = packet.hopLimit;
  dst.set(ipBytes(packet.source), 8);
  dst.set(ipBytes(packet.destination), 24);
  dst.set(packet.payload, IPV6_HEADER_BYTES);
  return IPV6_HEADER_BYTES + packet.payload.length;
}

/** Writes a packet with a fresh header; the number of bytes written. */
function writeIp(packet: IpPacket, dst: Uint8Array): number {
  return familyOf(packet.source) === 4 ? writeIpv4(packet, dst) : writeIpv6(packet, dst);
}
