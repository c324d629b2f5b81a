/** Time as a seam: real in the process, virtual in tests. */
export interface ClockPort {
  /** Milliseconds since the Unix epoch. Does not go back while the process lives. */
  nowMs(): number;

  /** Calls back once, not before the given moment; the returned function cancels. */
  at(deadlineMs: number, callback: () => void): () => void;
}
