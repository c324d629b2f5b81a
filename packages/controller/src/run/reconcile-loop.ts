import type { Clock, Random } from '@flatland/kube/client/clock';
import type { Log } from './log.ts';

/** Something that is done again whenever it may have to be. */
export interface ReconcileLoop {
  /** Asks for a run. Many asks before one begins are one run. */
  trigger(): void;
  /** Ends the loop once the run under way is done. */
  stop(): Promise<void>;
}

export interface ReconcileLoopOptions {
  readonly name: string;
  /** Reads all state and enforces it. Gives when to run again at the latest, in milliseconds; Infinity for never. */
  readonly reconcile: (nowMs: number) => Promise<number>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Runs at most this often, so that a burst of changes is few runs. */
const MIN_INTERVAL_MS = 20;
const BACKOFF_BASE_MS = 200;
const BACKOFF_MAX_MS = 30_000;
/** A run that nothing asked for, so that what was missed is seen in the end. */
const RESYNC_MS = 600_000;

/** Starts a level-based loop: one run at a time, the first at once, and again after a failure with growing delays. */
export function startReconcileLoop(options: ReconcileLoopOptions): ReconcileLoop {
  const { clock, random, log, name } = options;
  let stopped = false;
  let asked = false;
  let running: Promise<void> | undefined;
  let cancelTimer = () => {};
  let lastStartMs = -Infinity;
  let nFailures = 0;
  let nextMs = Infinity;

  function arm(atMs: number): void {
    cancelTimer();
    cancelTimer = atMs === Infinity ? () => {} : clock.after(Math.max(0, atMs - clock.nowMs()), run);
  }

  function run(): void {
    if (stopped || running !== undefined) return;
    cancelTimer();
    asked = false;
    lastStartMs = clock.nowMs();
    running = attempt().finally(() => {
      running = undefined;
      if (stopped) return;
      if (asked && nFailures === 0) arm(Math.max(clock.nowMs(), lastStartMs + MIN_INTERVAL_MS));
      else arm(nextMs);
    });
  }

  async function attempt(): Promise<void> {
    try {
      const latestMs = await options.reconcile(lastStartMs);
      nFailures = 0;
      nextMs = Math.min(latestMs, lastStartMs + RESYNC_MS);
    } catch (error) {
      nFailures += 1;
      nextMs =
        clock.nowMs() + (0.5 + random() / 2) * Math.min(BACKOFF_MAX_MS, BACKOFF_BASE_MS * 2 ** nFailures);
      log.warn(
        { loop: name, err: error instanceof Error ? error.message : String(error) },
        'reconcile failed',
      );
    }
  }

  return {
    trigger() {
      asked = true;
      if (stopped || running !== undefined || nFailures > 0) return;
      arm(Math.max(clock.nowMs(), lastStartMs + MIN_INTERVAL_MS));
    },
    async stop() {
      stopped = true;
      cancelTimer();
      await running;
    },
  };
}
