/** Randomness as a seam: the system's in the process, seeded in tests. */
export type RandomPort = (nBytes: number) => Uint8Array;
