import type { NodeName } from '@flatland/shared/model/names';
import { expect, test } from 'vitest';
import { HOLD_MS, holdLosses } from './hold-losses.ts';
import type { Departures } from './hold-losses.ts';

const names = (...numbers: number[]) => numbers.map((n) => `n${n}` as NodeName);
const range = (n: number) => names(...Array.from({ length: n }, (_, i) => i));
const NONE: Departures = new Map();

function hold(
  mirrored: NodeName[],
  listed: NodeName[],
  options: Partial<Parameters<typeof holdLosses>[0]> = {},
) {
  return holdLosses({ mirrored, listed, listIsEmpty: false, departures: NONE, nowMs: 0, ...options });
}

test('a fifth of the nodes may go at once, more may not', () => {
  expect(hold(range(10), range(8))).toMatchObject({ held: [], reason: undefined });
  expect(hold(range(10), range(7))).toMatchObject({ held: names(7, 8, 9), reason: 'nodes-lost-held' });
});

test('losses that come one by one add up', () => {
  let departures = NONE;
  const held: NodeName[][] = [];
  for (const [step, left] of [9, 8, 7, 6].entries()) {
    const ruling = hold(range(left + 1), range(left), { departures, nowMs: step * 1000 });
    departures = ruling.departures;
    held.push([...ruling.held]);
  }
  expect(held).toEqual([[], [], names(7), names(6)]);
});

test('a held node is let go when it has been missing for ten minutes', () => {
  const first = hold(range(4), range(2));
  expect(first.nextMs).toBe(HOLD_MS);
  const before = hold(range(4), range(2), { departures: first.departures, nowMs: HOLD_MS - 1 });
  expect(before.held).toEqual(names(2, 3));
  const after = hold(range(4), range(2), { departures: first.departures, nowMs: HOLD_MS });
  expect(after).toMatchObject({ held: [], reason: undefined, nextMs: Infinity });
});

test('a node that comes back is not counted any more', () => {
  const first = hold(range(4), range(2));
  const second = hold(range(4), range(4), { departures: first.departures, nowMs: 1000 });
  expect(second).toMatchObject({ held: [], departures: new Map() });
});

test('an empty list holds everything, for ever', () => {
  const ruling = hold(range(2), [], { listIsEmpty: true, nowMs: 10 * HOLD_MS });
  expect(ruling).toMatchObject({ held: names(0, 1), reason: 'empty-list-held', nextMs: Infinity });
});

test('an empty list of an origin that never had nodes holds nothing', () => {
  expect(hold([], [], { listIsEmpty: true })).toMatchObject({ held: [], reason: undefined });
});
