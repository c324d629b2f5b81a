import { expect, test } from 'vitest';
import { CLOSED, MAX_FAILURES, admit, onAnswer, onSilence } from './circuit-breaker.ts';
import type { BreakerState } from './circuit-breaker.ts';

const fail = (state: BreakerState, startedMs: number, nowMs = startedMs) =>
  onSilence(state, { startedMs, nowMs }, () => 1);

test('opens before ten seconds when every call times out after three', () => {
  let state = CLOSED;
  let nowMs = 0;
  while (state.phase === 'closed') {
    state = fail(state, nowMs, nowMs + 3000);
    nowMs += 3000 + 100;
  }
  expect(nowMs).toBeLessThan(10_000);
});

test('opens after ten fast failures, not after nine', () => {
  let state = CLOSED;
  for (let i = 1; i < MAX_FAILURES; i += 1) state = fail(state, i);
  expect(state.phase).toBe('closed');
  expect(fail(state, 10).phase).toBe('open');
});

test('an answer in between closes the count', () => {
  let state = CLOSED;
  for (let i = 0; i < 100; i += 1) state = i % 5 === 4 ? onAnswer() : fail(state, i * 1000);
  expect(state.phase).toBe('closed');
});

test('an open breaker admits one probe when its time is over, and no second one beside it', () => {
  let state = CLOSED;
  for (let i = 0; i < MAX_FAILURES; i += 1) state = fail(state, 0);
  expect(admit(state, 499)).toMatchObject({ admitted: false, retryAfterMs: 1 });
  const probe = admit(state, 500);
  expect(probe).toMatchObject({ admitted: true, state: { phase: 'half-open' } });
  expect(admit(probe.state, 501)).toMatchObject({ admitted: false });
});

test('each failed probe waits longer, up to five seconds', () => {
  let state = CLOSED;
  for (let i = 0; i < MAX_FAILURES; i += 1) state = fail(state, 0);
  const waitsMs: number[] = [];
  let nowMs = 0;
  for (let i = 0; i < 6; i += 1) {
    nowMs = state.openUntilMs;
    state = fail(admit(state, nowMs).state, nowMs);
    waitsMs.push(state.openUntilMs - nowMs);
  }
  expect(waitsMs).toEqual([1000, 2000, 4000, 5000, 5000, 5000]);
  expect(onAnswer().phase).toBe('closed');
});
