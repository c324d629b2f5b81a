import { expect, test } from 'vitest';
import { bad, good, mergeConditions, sameConditions } from './conditions.ts';

const AT = { nowMs: Date.parse('2026-11-23T10:00:00.500Z'), generation: 3 };
const FIRST = mergeConditions([], [good('Ready'), bad('Current', 'nodes-lost-held', 'w1')], AT);

test('conditions are sorted by type and dated', () => {
  expect(FIRST).toEqual([
    {
      type: 'Current',
      status: 'False',
      reason: 'nodes-lost-held',
      message: 'w1',
      lastTransitionTime: '2026-11-23T10:00:00Z',
      observedGeneration: 3,
    },
    {
      type: 'Ready',
      status: 'True',
      reason: 'ready',
      message: '',
      lastTransitionTime: '2026-11-23T10:00:00Z',
      observedGeneration: 3,
    },
  ]);
});

test('the date stays until the status changes', () => {
  const later = { ...AT, nowMs: AT.nowMs + 60_000 };
  const same = mergeConditions(FIRST, [good('Ready'), bad('Current', 'empty-list-held', 'all')], later);
  expect(same.map((condition) => condition.lastTransitionTime)).toEqual([
    '2026-11-23T10:00:00Z',
    '2026-11-23T10:00:00Z',
  ]);
  expect(sameConditions(FIRST, same)).toBe(false);
  const changed = mergeConditions(FIRST, [good('Current')], later);
  expect(changed[0]?.lastTransitionTime).toBe('2026-11-23T10:01:00Z');
});

test('conditions of other writers are left alone', () => {
  const merged = mergeConditions(FIRST, [good('Complete')], AT);
  expect(merged.map(({ type }) => type)).toEqual(['Complete', 'Current', 'Ready']);
  expect(sameConditions(merged, mergeConditions(merged, [good('Complete')], AT))).toBe(true);
});
