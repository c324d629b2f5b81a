import { randomBytes, randomFillSync } from 'node:crypto';
import type { RandomPort } from '../../ports/random.ts';

/** What probes' nonces need, many times a second. Keys are longer, and never kept ahead. */
const SMALL_BYTES = 16;

const ahead = new Uint8Array(SMALL_BYTES * 64);
let used = ahead.length;

/** The machine's randomness. */
export const systemRandom: RandomPort = (nBytes) => {
  if (nBytes > SMALL_BYTES) return randomBytes(nBytes);
  if (used + nBytes > ahead.length) {
    randomFillSync(ahead);
    used = 0;
  }
  used += nBytes;
  return ahead.slice(used - nBytes, used);
};
