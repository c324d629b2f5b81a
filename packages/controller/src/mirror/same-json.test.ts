import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';
import { sameJson } from './same-json.ts';

/** 268747830 once found two equal values told apart, by a loop over fields that the engine had compiled. */
test.each([undefined, 268747830])(
  'two values are the same exactly when their canonical JSON is (seed %s)',
  (seed) => {
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(value, value, (a, b) => {
        expect(sameJson(a, b)).toBe(canonicalJson(a) === canonicalJson(b));
        expect(sameJson(a, JSON.parse(canonicalJson(a)))).toBe(true);
      }),
      { numRuns: 1000, ...(seed !== undefined && { seed }) },
    );
  },
);

test.each([
  [{ a: 1, b: undefined }, { a: 1 }, true],
  [{ a: 1 }, { a: 1, b: null }, false],
  [{ a: [] }, { a: {} }, false],
  [{ a: [1, 2] }, { a: [2, 1] }, false],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, true],
  [{}, null, false],
  [{}, { toString: 1 }, false],
])('%j and %j: %s', (a, b, same) => {
  expect(sameJson(a, b)).toBe(same);
  expect(sameJson(b, a)).toBe(same);
});
