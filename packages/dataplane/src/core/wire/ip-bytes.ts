/** Addresses between their canonical text and the bytes of a packet. */
import { formatIp, ipValue, type IpAddress } from '@flatland/shared/address/ip';

/** The 4 or 16 bytes of an address. */
export function ipBytes(address: IpAddress): Uint8Array {
  const bytes = new Uint8Array(address.includes(':') ? 16 : 4);
  writeIpBytes(address, bytes, 0);
  return bytes;
}

/** Writes an address; the number of bytes written. */
export function writeIpBytes(address: IpAddress, dst: Uint8Array, offset: number): number {
  if (!address.includes(':')) {
    const parts = address.split('.');
    for (let i = 0; i < 4; i++) dst[offset + i] = Number(parts[i]);
    return 4;
  }
  let rest = ipValue(address).bits;
  for (let i = 15; i >= 0; i--) {
    dst[offset + i] = Number(rest & 255n);
    rest >>= 8n;
  }
  return 16;
}

/** The canonical text of 4 or 16 bytes. */
export function ipOfBytes(bytes: Uint8Array): IpAddress {
  if (bytes.length === 4) return bytes.join('.') as IpAddress;
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  return formatIp({ family: 6, bits });
}
