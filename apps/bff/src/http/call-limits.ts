import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { CallClass, CallLimits } from '../rpc/call-limits.ts';

/** Calls of each class that one session may make in a number of seconds. */
export const CALL_BUDGETS: Readonly<Record<CallClass, { readonly calls: number; readonly seconds: number }>> =
  {
    read: { calls: 100, seconds: 1 },
    write: { calls: 20, seconds: 1 },
    plan: { calls: 20, seconds: 2 },
    probe: { calls: 20, seconds: 1 },
    stream: { calls: 20, seconds: 10 },
  };

/** Streams that one session may have open at once. */
export const MAX_STREAMS = 10;

/** Budgets in memory, for each session and class of calls. */
export function createCallLimits(): CallLimits {
  const limiters = new Map<CallClass, RateLimiterMemory>();
  for (const [callClass, { calls, seconds }] of Object.entries(CALL_BUDGETS)) {
    limiters.set(callClass as CallClass, new RateLimiterMemory({ points: calls, duration: seconds }));
  }
  const open = new Map<string, number>();
  return {
    async draw(sessionKey, callClass) {
      try {
        await limiters.get(callClass)!.consume(sessionKey);
        return { ok: true };
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        return { ok: false, retryAfterMs: refused.msBeforeNext };
      }
    },
    openStream(sessionKey) {
      const n = open.get(sessionKey) ?? 0;
      if (n >= MAX_STREAMS) return { ok: false };
      open.set(sessionKey, n + 1);
      return { ok: true, close: once(() => closeOne(open, sessionKey)) };
    },
  };
}

function closeOne(open: Map<string, number>, sessionKey: string): void {
  const n = open.get(sessionKey) ?? 0;
  if (n <= 1) open.delete(sessionKey);
  else open.set(sessionKey, n - 1);
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
}
