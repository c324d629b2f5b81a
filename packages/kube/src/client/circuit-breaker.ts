import type { KubeErrorKind } from './error.ts';
import type { Random } from './clock.ts';

/*
 *            failures                   openUntilMs passed
 *  closed ------------------> open -------------------------> half-open (one probe)
 *    ^                          ^                                 |
 *    |                          +------------- probe failed ------+
 *    +------------------------------------------ probe answered --+
 */
export type BreakerState = {
  readonly phase: 'closed' | 'open' | 'half-open';
  readonly nFailures: number;
  readonly firstFailureMs: number;
  readonly openUntilMs: number;
  readonly nOpenings: number;
};

/** Opens after this many failures in a row, however fast they come. */
export const MAX_FAILURES = 10;
/** Opens when nothing has answered for this long and `MIN_FAILURES` were seen. */
export const MAX_SILENCE_MS = 5000;
export const MIN_FAILURES = 2;
const BASE_OPEN_MS = 500;
const MAX_OPEN_MS = 5000;

export const CLOSED: BreakerState = {
  phase: 'closed',
  nFailures: 0,
  firstFailureMs: 0,
  openUntilMs: 0,
  nOpenings: 0,
};

/** Whether a call may be sent now. When open, says how long it will stay so in milliseconds. */
export function admit(
  state: BreakerState,
  nowMs: number,
): { state: BreakerState; admitted: true } | { state: BreakerState; admitted: false; retryAfterMs: number } {
  if (state.phase === 'closed') return { state, admitted: true };
  if (nowMs >= state.openUntilMs) {
    return { state: { ...state, phase: 'half-open', openUntilMs: nowMs + MAX_OPEN_MS }, admitted: true };
  }
  return { state, admitted: false, retryAfterMs: state.openUntilMs - nowMs };
}

/** The state after a call that the cluster answered, be it with an error. */
export function onAnswer(): BreakerState {
  return CLOSED;
}

/**
 * The state after a call that got no answer.
 *
 * @param call when it began and ended, in milliseconds
 */
export function onSilence(
  state: BreakerState,
  call: { startedMs: number; nowMs: number },
  random: Random,
): BreakerState {
  const nFailures = state.nFailures + 1;
  const firstFailureMs = state.nFailures === 0 ? call.startedMs : state.firstFailureMs;
  const silentMs = call.nowMs - firstFailureMs;
  const mustOpen =
    state.phase !== 'closed' ||
    nFailures >= MAX_FAILURES ||
    (nFailures >= MIN_FAILURES && silentMs >= MAX_SILENCE_MS);
  if (!mustOpen) return { ...state, nFailures, firstFailureMs };
  const ceilingMs = Math.min(MAX_OPEN_MS, BASE_OPEN_MS * 2 ** state.nOpenings);
  return {
    phase: 'open',
    nFailures,
    firstFailureMs,
    openUntilMs: call.nowMs + ceilingMs * (0.5 + random() / 2),
    nOpenings: state.nOpenings + 1,
  };
}

/** Whether an error of this kind means that nobody is there, as opposed to an answer that is no success. */
export function isSilence(kind: KubeErrorKind): boolean {
  return kind === 'timeout' || kind === 'unavailable' || kind === 'protocol';
}
