import { randomBytes } from 'node:crypto';
import type { RandomPort } from '../../ports/random.ts';

/** The machine's randomness. */
export const systemRandom: RandomPort = (nBytes) => randomBytes(nBytes);
