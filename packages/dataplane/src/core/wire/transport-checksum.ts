import type { IpAddress } from '@flatland/shared/address/ip';
import { addToSum, foldChecksum, pseudoHeaderSum } from './checksum.ts';
import { ipBytes } from './ip-bytes.ts';

/** The two ends of a packet, as its pseudo header has them. */
export interface IpEnds {
  readonly source: IpAddress;
  readonly destination: IpAddress;
}

/** The checksum over pseudo header and segment; 0 over a segment that already holds its right checksum. */
export function transportChecksum(ends: IpEnds, protocol: number, segment: Uint8Array): number {
  const sum = pseudoHeaderSum({
    source: ipBytes(ends.source),
    destination: ipBytes(ends.destination),
    protocol,
    lengthBytes: segment.length,
  });
  return foldChecksum(addToSum(sum, segment));
}
