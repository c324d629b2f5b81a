/** How long a container that ends again and again waits, in milliseconds (kubelet's CrashLoopBackOff). */
export const BACKOFF = { initialMs: 10_000, maxMs: 300_000, resetAfterMs: 600_000 } as const;

/** The wait before the next start: none after the first end, then doubling, anew after ten minutes of work. */
export function nextBackoffMs(lastBackoffMs: number | undefined, ranMs: number): number {
  if (lastBackoffMs === undefined || ranMs >= BACKOFF.resetAfterMs) return 0;
  return Math.min(Math.max(lastBackoffMs * 2, BACKOFF.initialMs), BACKOFF.maxMs);
}

/** Whether a container that ended is started again. */
export function restarts(policy: 'Always' | 'OnFailure' | 'Never' | undefined, exitCode: number): boolean {
  return policy === 'OnFailure' ? exitCode !== 0 : policy !== 'Never';
}
