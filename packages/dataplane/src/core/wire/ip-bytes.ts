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
  const { family, bits } = ipValue(address);
  const length = family === 4 ? 4 : 16;
  let rest = bits;
  for (let i = length - 1; i >= 0; i--) {
    dst[offset + i] = Number(rest & 255n);
    rest >>= 8n;
  }
  return length;
}

/** The canonical text of 4 or 16 bytes. */
export function ipOfBytes(bytes: Uint8Array): IpAddress {
  if (bytes.length === 4) return bytes.join('.') as IpAddress;
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  return formatIp({ family: 6, bits });
}
