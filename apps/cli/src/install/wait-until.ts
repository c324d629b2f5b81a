import { setTimeout as sleep } from 'node:timers/promises';
import { CommandError } from '../io/command-error.ts';

/** How long a step of an installation is waited for, and where its progress is said. */
export interface Waiting {
  readonly timeoutMs: number;
  readonly say: (line: string) => void;
}

const PAUSE_MS = 300;

/**
 * Asks again and again until the answer is yes. Throws CommandError with `what` where the time is over; `explain` adds
 * what is known of the cause, and the next action.
 */
export async function waitUntil(
  { timeoutMs }: Waiting,
  what: string,
  ask: () => Promise<boolean>,
  explain: () => Promise<{ readonly cause: string; readonly next: string } | undefined> = async () =>
    undefined,
): Promise<void> {
  const deadlineMs = Date.now() + timeoutMs;
  while (!(await ask())) {
    if (Date.now() > deadlineMs) {
      const explained = await explain();
      const cause = explained === undefined ? '' : `: ${explained.cause}`;
      throw new CommandError(`${what} after ${timeoutMs / 1000} s${cause}`, {
        next: explained?.next ?? 'Run it again; what was done stays done',
      });
    }
    await sleep(PAUSE_MS);
  }
}
