/** Time as an argument. `nowMs` never goes back; `after` returns what cancels the timer. */
export type Clock = {
  nowMs(): number;
  after(delayMs: number, action: () => void): () => void;
};

/** A uniformly distributed number in [0, 1). */
export type Random = () => number;

/** The machine's clock: monotonic, with the epoch of the process' start. */
export const systemClock: Clock = {
  nowMs: () => performance.timeOrigin + performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
};

/** Resolves after `delayMs`, or at once when `signal` is aborted. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}
