/** What to do after a key was worked on: nothing more, or again after a while. */
export type Again = { readonly afterMs: number } | undefined;

export type WorkQueueOptions = {
  readonly work: (key: string) => Promise<Again>;
  readonly onError: (key: string, error: unknown) => void;
  /** @default 4 */
  readonly concurrency?: number;
  /** @default 20 */
  readonly backoffBaseMs?: number;
  /** @default 5000 */
  readonly backoffMaxMs?: number;
};

/**
 * Keys to work on. A key is worked on by one at a time, however often it is added meanwhile, and once more
 * afterwards if it was. A key whose work fails comes again, later each time.
 */
export class WorkQueue {
  readonly #options: Required<WorkQueueOptions>;
  readonly #waiting = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #timers = new Map<string, { dueMs: number; timer: NodeJS.Timeout }>();
  readonly #failures = new Map<string, number>();
  #stopped = false;

  constructor(options: WorkQueueOptions) {
    this.#options = { concurrency: 4, backoffBaseMs: 20, backoffMaxMs: 5000, ...options };
  }

  add(key: string): void {
    if (this.#stopped) return;
    this.#waiting.add(key);
    this.#pump();
  }

  /** Adds a key after a while; of several times for one key the earliest counts. */
  addAfter(key: string, afterMs: number): void {
    if (this.#stopped) return;
    const dueMs = performance.now() + afterMs;
    const before = this.#timers.get(key);
    if (before !== undefined && before.dueMs <= dueMs) return;
    clearTimeout(before?.timer);
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      this.add(key);
    }, afterMs);
    timer.unref();
    this.#timers.set(key, { dueMs, timer });
  }

  /** Takes no more keys, and resolves when the running ones are done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#waiting.clear();
    for (const { timer } of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#running.values());
  }

  #pump(): void {
    for (const key of this.#waiting) {
      if (this.#running.size >= this.#options.concurrency) return;
      if (this.#running.has(key)) continue;
      this.#waiting.delete(key);
      this.#running.set(
        key,
        this.#run(key).finally(() => {
          this.#running.delete(key);
          this.#pump();
        }),
      );
    }
  }

  async #run(key: string): Promise<void> {
    try {
      const again = await this.#options.work(key);
      this.#failures.delete(key);
      if (again !== undefined) this.addAfter(key, again.afterMs);
    } catch (error) {
      const nFailures = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, nFailures);
      this.#options.onError(key, error);
      const { backoffBaseMs, backoffMaxMs } = this.#options;
      this.addAfter(key, Math.min(backoffBaseMs * 2 ** (nFailures - 1), backoffMaxMs));
    }
  }
}
