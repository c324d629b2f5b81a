import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalQuantity, compareQuantities } from './quantity.ts';

describe('canonicalQuantity', () => {
  // Outputs of Kubernetes' own `resource.MustParse(x).String()`.
  it.each([
    ['0', '0'],
    ['1', '1'],
    ['1000m', '1'],
    ['0.5', '500m'],
    ['.5', '500m'],
    ['1.5', '1500m'],
    ['100m', '100m'],
    ['0.1m', '100u'],
    ['1500', '1500'],
    ['2000', '2k'],
    ['2000M', '2G'],
    ['1024Ki', '1Mi'],
    ['1.5Gi', '1536Mi'],
    ['128Mi', '128Mi'],
    ['0.5Ki', '512'],
    ['512Ki', '512Ki'],
    ['1e3', '1e3'],
    ['12e6', '12e6'],
    ['1E', '1E'],
    ['-1000m', '-1'],
    ['+1', '1'],
    ['1n', '1n'],
    ['0.1n', '1n'],
    ['5Ti', '5Ti'],
  ])('writes %s as %s', (text, expected) => {
    expect(canonicalQuantity(text)).toBe(expected);
  });

  it.each(['', 'x', '1x', '1 Gi', '1ki', '--1', '1e', '.', '1.2.3'])('does not take %j', (text) => {
    expect(canonicalQuantity(text)).toBeUndefined();
  });

  it('leaves what it has written as it is', () => {
    const amount = fc.tuple(fc.nat(10_000_000), fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Mi', 'Gi'));
    fc.assert(
      fc.property(amount, ([number, suffix]) => {
        const once = canonicalQuantity(`${number}${suffix}`)!;
        expect(canonicalQuantity(once)).toBe(once);
      }),
    );
  });
});

describe('compareQuantities', () => {
  it.each([
    ['1', '1000m', 0],
    ['1Gi', '1G', 1],
    ['999m', '1', -1],
    ['-1', '0', -1],
    ['-2', '-1', -1],
    ['1e3', '1k', 0],
    ['0.5Ki', '512', 0],
    ['1n', '0', 1],
  ])('%s to %s is %i', (left, right, expected) => {
    expect(compareQuantities(left, right)).toBe(expected);
    expect(compareQuantities(right, left)).toBe(expected === 0 ? 0 : -expected);
  });
});
