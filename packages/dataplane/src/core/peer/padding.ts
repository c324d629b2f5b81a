import { PADDING_MULTIPLE } from '../noise/constants.ts';

/**
 * The length of a packet with its padding: the next multiple of 16, but never past the MTU, so that a full-sized
 * packet stays full-sized (paper, section 5.4.6; the kernel's `calculate_skb_padding`).
 */
export function paddedLength(lengthBytes: number, mtuBytes: number): number {
  const lastUnit = lengthBytes > mtuBytes ? lengthBytes % mtuBytes : lengthBytes;
  const padded = Math.ceil(lastUnit / PADDING_MULTIPLE) * PADDING_MULTIPLE;
  return lengthBytes - lastUnit + Math.min(padded, mtuBytes);
}
