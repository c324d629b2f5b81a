import type { Clock } from '../client/clock.ts';

/** A clock that jumps to the next timer whenever nothing else is left to do. */
export class VirtualClock implements Clock {
  #nowMs = 0;
  #timers: { atMs: number; seq: number; action: () => void }[] = [];
  #seq = 0;
  #armed = false;

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), seq: (this.#seq += 1), action };
    this.#timers.push(timer);
    this.#arm();
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    setImmediate(() => {
      this.#armed = false;
      this.#timers.sort((a, b) => a.atMs - b.atMs || a.seq - b.seq);
      const next = this.#timers.shift();
      if (next === undefined) return;
      this.#nowMs = next.atMs;
      next.action();
      if (this.#timers.length > 0) this.#arm();
    });
  }
}
