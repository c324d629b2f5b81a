import type { KubeError } from './error.ts';
import type { Random } from './clock.ts';

/** How often and how slowly a call is tried again. */
export type RetryPolicy = {
  /** @default 5 */
  readonly maxTries: number;
  /** @default 200 */
  readonly baseDelayMs: number;
  /** @default 5000 */
  readonly maxDelayMs: number;
  /** A server that asks for more patience than this gets none: the caller decides. @default 30000 */
  readonly maxRetryAfterMs: number;
};

export const DEFAULT_RETRY: RetryPolicy = {
  maxTries: 5,
  baseDelayMs: 200,
  maxDelayMs: 5000,
  maxRetryAfterMs: 30_000,
};

/** Whether a call may be sent twice without harm. A create may not: its first try may have succeeded unseen. */
export type Idempotency = 'idempotent' | 'once';

/**
 * How long to wait before the next try in milliseconds, or undefined to give up. Full jitter
 * (`random * min(cap, base * 2^nFailed)`), never earlier than the server's Retry-After.
 *
 * @param nFailed tries that failed so far, 1 after the first
 */
export function retryDelayMs(
  error: KubeError,
  attempt: { nFailed: number; idempotency: Idempotency; policy: RetryPolicy },
  random: Random,
): number | undefined {
  const { nFailed, idempotency, policy } = attempt;
  if (nFailed >= policy.maxTries || !mayRetry(error, idempotency)) return undefined;
  const ceilingMs = Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** (nFailed - 1));
  const jitterMs = random() * ceilingMs;
  const retryAfterMs = 'retryAfterMs' in error ? error.retryAfterMs : undefined;
  if (retryAfterMs === undefined) return jitterMs;
  return retryAfterMs > policy.maxRetryAfterMs ? undefined : retryAfterMs + jitterMs;
}

function mayRetry(error: KubeError, idempotency: Idempotency): boolean {
  switch (error.kind) {
    case 'tooManyRequests':
      return true;
    case 'unavailable':
      return idempotency === 'idempotent' || !error.sent;
    case 'timeout':
    case 'serverError':
    case 'protocol':
      return idempotency === 'idempotent';
    case 'notFound':
    case 'alreadyExists':
    case 'conflict':
    case 'invalid':
    case 'badRequest':
    case 'forbidden':
    case 'unauthorized':
    case 'gone':
    case 'methodNotAllowed':
    case 'unsupported':
    case 'tooLarge':
    case 'untrusted':
    case 'addressRefused':
    case 'aborted':
      return false;
  }
}
