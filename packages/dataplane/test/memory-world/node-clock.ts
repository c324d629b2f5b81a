import type { ClockPort } from '../../src/ports/clock.ts';

/** The clock of one node, which may be wrong. Alarms ring after the time that they were set for, as the machine's timers do. */
export class NodeClock implements ClockPort {
  readonly #true: ClockPort;
  #offsetMs = 0;

  constructor(trueClock: ClockPort) {
    this.#true = trueClock;
  }

  nowMs(): number {
    return this.#true.nowMs() + this.#offsetMs;
  }

  at(deadlineMs: number, callback: () => void): () => void {
    return this.#true.at(deadlineMs - this.#offsetMs, callback);
  }

  /** Sets the clock forward, or back. */
  step(ms: number): void {
    this.#offsetMs += ms;
  }
}
