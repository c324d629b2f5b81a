import type { ClockPort } from '../../ports/clock.ts';
import type { LogPort } from '../../ports/log.ts';

const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 5000;

interface Deps {
  readonly clock: ClockPort;
  readonly log: LogPort;
  /** One run; false where it should be tried again, and so is one that throws. */
  readonly run: () => Promise<boolean>;
}

/** Runs again whenever that was asked for, one run at a time; many requests at once are one. */
export class RunLoop {
  readonly #deps: Deps;
  #state: 'waiting' | 'idle' | 'running' | 'stopped' = 'waiting';
  #isDue = false;
  #nFailures = 0;
  #cancelRetry: (() => void) | undefined;
  #done: Promise<void> = Promise.resolve();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Lets runs begin, and asks for the first. */
  begin(): void {
    if (this.#state !== 'waiting') return;
    this.#state = 'idle';
    this.schedule();
  }

  schedule(): void {
    this.#isDue = true;
    if (this.#state !== 'idle') return;
    this.#state = 'running';
    this.#done = this.#work();
  }

  /** Ends after the run that is under way. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    this.#cancelRetry?.();
    await this.#done;
  }

  async #work(): Promise<void> {
    // Changes of one moment come as several events.
    await Promise.resolve();
    while (this.#isDue && this.#state === 'running') {
      this.#isDue = false;
      this.#cancelRetry?.();
      this.#cancelRetry = undefined;
      if (await this.#runSafely()) this.#nFailures = 0;
      else this.#retryLater();
    }
    if (this.#state === 'running') this.#state = 'idle';
  }

  async #runSafely(): Promise<boolean> {
    try {
      return await this.#deps.run();
    } catch (error) {
      this.#deps.log.error(
        { error: error instanceof Error ? (error.stack ?? '') : String(error) },
        'run failed',
      );
      return false;
    }
  }

  #retryLater(): void {
    const { clock } = this.#deps;
    const delayMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(this.#nFailures++, 10));
    this.#cancelRetry = clock.at(clock.nowMs() + delayMs, () => this.schedule());
  }
}
