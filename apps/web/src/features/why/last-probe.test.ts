import type { PairProbe } from '@flatland/shared/report/console-event';
import { expect, test } from 'vitest';
import { lastProbe } from './last-probe.ts';

const probe = (from: string, to: string, atMs: number) => ({ from, to, result: { atMs } }) as PairProbe;

test('the newest probe counts, wherever it was heard', () => {
  const [asked, patrolled] = [probe('a', 'b', 1), probe('a', 'b', 2)];
  expect(lastProbe({ from: 'a', to: 'b' }, [asked, patrolled, undefined])).toBe(patrolled);
  expect(lastProbe({ from: 'a', to: 'b' }, [patrolled, asked])).toBe(patrolled);
});

test('what another pair was asked before is not shown for this one', () => {
  expect(lastProbe({ from: 'b', to: 'c' }, [probe('a', 'b', 3)])).toBeUndefined();
  expect(lastProbe({ from: null, to: 'c' }, [undefined])).toBeUndefined();
});
