/** Random bytes and numbers that a seed determines. For simulation only. */
import type { RandomPort } from '../../ports/random.ts';

export interface SeededRandom {
  /** A number from 0 up to, but not including, 1. */
  readonly number: () => number;
  readonly bytes: RandomPort;
}

/** The generator called mulberry32. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const uint32 = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  };
  return {
    number: () => uint32() / 2 ** 32,
    bytes: (nBytes) => Uint8Array.from({ length: nBytes }, () => uint32() & 255),
  };
}
