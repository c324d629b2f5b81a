import { expect, test } from 'vitest';
import type { KubeError } from './error.ts';
import { DEFAULT_RETRY, retryDelayMs } from './retry.ts';

const about = { message: '', cluster: 'c', request: 'GET /' };
const busy = (retryAfterMs: number | undefined): KubeError => ({
  ...about,
  kind: 'tooManyRequests',
  retryAfterMs,
});
const silent: KubeError = { ...about, kind: 'timeout' };
const dead = (sent: boolean): KubeError => ({ ...about, kind: 'unavailable', retryAfterMs: undefined, sent });

function delay(
  error: KubeError,
  nFailed: number,
  idempotency: 'idempotent' | 'once' = 'idempotent',
): number | undefined {
  return retryDelayMs(error, { nFailed, idempotency, policy: DEFAULT_RETRY }, () => 0.5);
}

test('delays double from the base up to the cap, scaled by the random number', () => {
  expect([1, 2, 3, 4].map((nFailed) => delay(silent, nFailed))).toEqual([100, 200, 400, 800]);
  const many = { nFailed: 9, idempotency: 'idempotent' as const, policy: { ...DEFAULT_RETRY, maxTries: 20 } };
  expect(retryDelayMs(silent, many, () => 1)).toBe(DEFAULT_RETRY.maxDelayMs);
  expect(retryDelayMs(silent, many, () => 0)).toBe(0);
});

test('the fifth failure is the last', () => {
  expect(delay(silent, 5)).toBeUndefined();
});

test('a wait is never shorter than Retry-After, and a very long one is the caller’s to decide', () => {
  expect(delay(busy(2000), 1)).toBe(2100);
  expect(delay(busy(31_000), 1)).toBeUndefined();
});

test('a call that must not be doubled is tried again only where the first cannot have counted', () => {
  expect(delay(silent, 1, 'once')).toBeUndefined();
  expect(delay(dead(true), 1, 'once')).toBeUndefined();
  expect(delay(dead(false), 1, 'once')).toBe(100);
  expect(delay(busy(undefined), 1, 'once')).toBe(100);
});

test('an answer that will not change is not asked for again', () => {
  for (const kind of ['notFound', 'forbidden', 'unauthorized', 'gone', 'untrusted', 'aborted'] as const) {
    expect(delay({ ...about, kind }, 1)).toBeUndefined();
  }
});
