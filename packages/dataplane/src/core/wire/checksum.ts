/** The Internet checksum (RFC 1071). */

/** Adds bytes as big-endian 16-bit words to a running sum; an odd last byte counts as the high one. */
export function addToSum(sum: number, bytes: Uint8Array): number {
  let total = sum;
  const even = bytes.length & ~1;
  for (let i = 0; i < even; i += 2) total += (bytes[i]! << 8) | bytes[i + 1]!;
  if (even < bytes.length) total += bytes[even]! << 8;
  return total;
}

/** Folds a sum into the checksum that goes into the header. */
export function foldChecksum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded % 0x10000) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}

/** The checksum of bytes; 0 over bytes that already hold their right checksum. */
export function checksum(bytes: Uint8Array): number {
  return foldChecksum(addToSum(0, bytes));
}

/** The sum of the pseudo header under TCP, UDP and ICMPv6 (RFC 9293, section 3.1; RFC 8200, section 8.1). */
export function pseudoHeaderSum({
  source,
  destination,
  protocol,
  lengthBytes,
}: {
  readonly source: Uint8Array;
  readonly destination: Uint8Array;
  readonly protocol: number;
  readonly lengthBytes: number;
}): number {
  return addToSum(addToSum(protocol + lengthBytes, source), destination);
}
