import type { Cidr } from './cidr.ts';
import { cidrLength, cidrsOverlap, subnetAt, subnetCount } from './arithmetic.ts';

/** Bits that a slice adds to its prefix, unless more clusters need more: 16 slices. */
const SLICE_BITS = 4;

/** Length of the slices of a prefix for a number of clusters; the upper sixteenth stays for partners. */
export function sliceLength(prefix: Cidr, nClusters: number): number {
  const bits = Math.max(SLICE_BITS, Math.ceil(Math.log2(nClusters + 1)));
  return cidrLength(prefix) + bits;
}

/**
 * The first slice of a prefix that overlaps none of those taken, or undefined where none is left.
 * Its length is that of the slices taken already, else that for `nClusters`.
 */
export function nextSlice(prefix: Cidr, taken: readonly Cidr[], nClusters: number): Cidr | undefined {
  const length = taken[0] === undefined ? sliceLength(prefix, nClusters) : cidrLength(taken[0]);
  const count = subnetCount(prefix, length);
  for (let index = 0n; index < count - 1n; index++) {
    const slice = subnetAt(prefix, length, index);
    if (slice !== undefined && !taken.some((other) => cidrsOverlap(other, slice))) return slice;
  }
  return undefined;
}
