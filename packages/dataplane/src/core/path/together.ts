/** Short beside the periods of probes. */
const MOMENT_MS = 250;

/**
 * When something periodic is done next: up to a moment earlier than a whole period from now, so that what is due for
 * many peers at about the same time is done together. A process that wakes up for all of them costs less than one
 * that wakes up for each.
 */
export function together(nowMs: number, periodMs: number): number {
  const dueAtMs = nowMs + periodMs;
  return periodMs < 2 * MOMENT_MS ? dueAtMs : Math.floor(dueAtMs / MOMENT_MS) * MOMENT_MS;
}
