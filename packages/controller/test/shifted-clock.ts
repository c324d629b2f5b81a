import type { Clock } from '@flatland/kube/client/clock';

/** The machine's clock, which can be set forward: timers that become due by it fire at once. */
export class ShiftedClock implements Clock {
  #shiftMs = 0;
  readonly #timers = new Set<{
    readonly atMs: number;
    readonly action: () => void;
    handle: NodeJS.Timeout;
  }>();

  nowMs(): number {
    return Date.now() + this.#shiftMs;
  }

  after(delayMs: number, action: () => void): () => void {
    const timer = {
      atMs: this.nowMs() + delayMs,
      action,
      handle: setTimeout(
        () => {
          this.#timers.delete(timer);
          action();
        },
        Math.min(delayMs, 2 ** 31 - 1),
      ),
    };
    this.#timers.add(timer);
    return () => {
      clearTimeout(timer.handle);
      this.#timers.delete(timer);
    };
  }

  forward(byMs: number): void {
    this.#shiftMs += byMs;
    for (const timer of this.#timers) {
      if (timer.atMs > this.nowMs()) continue;
      clearTimeout(timer.handle);
      this.#timers.delete(timer);
      timer.action();
    }
  }
}
