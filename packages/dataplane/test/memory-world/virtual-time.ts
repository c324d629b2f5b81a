import type { VirtualClock } from '../../src/io/memory/virtual-clock.ts';

/**
 * Moves a virtual clock on while promises do their work in between: everything that waits for nothing but
 * the clock and other promises is done at each moment before the next one comes.
 */
export class VirtualTime {
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#clock.nowMs() + ms;
    await turn();
    for (;;) {
      const nextMs = this.#clock.nextAlarmMs();
      if (nextMs === undefined || nextMs > untilMs) break;
      this.#clock.advanceTo(nextMs);
      await turn();
    }
    this.#clock.advanceTo(untilMs);
    await turn();
  }

  /** Lets time pass until a promise is settled. Throws where it waits for something that no clock brings. */
  async during<Value>(work: Promise<Value>): Promise<Value> {
    let isSettled = false;
    const settle = () => void (isSettled = true);
    work.then(settle, settle);
    await turn();
    while (!isSettled) {
      const nextMs = this.#clock.nextAlarmMs();
      if (nextMs === undefined) throw new Error('nothing is left that could settle the promise');
      this.#clock.advanceTo(nextMs);
      await turn();
    }
    return work;
  }
}

/** One turn of the event loop: all promises that can go on have gone on. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
