import { describe, expect, it } from 'vitest';
import { formatAge, formatDuration } from './age.ts';

const S = 1000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;

describe('formatDuration', () => {
  it.each([
    [-5 * S, '<invalid>'],
    [-0.5 * S, '0s'],
    [0, '0s'],
    [119 * S, '119s'],
    [120 * S, '2m'],
    [123 * S, '2m3s'],
    [9 * M + 59 * S, '9m59s'],
    [10 * M + 30 * S, '10m'],
    [179 * M, '179m'],
    [180 * M, '3h'],
    [7 * H + 59 * M, '7h59m'],
    [8 * H + 1 * M, '8h'],
    [47 * H, '47h'],
    [48 * H, '2d'],
    [2 * D + 3 * H, '2d3h'],
    [8 * D + 1 * H, '8d'],
    [729 * D, '729d'],
    [730 * D, '2y'],
    [3 * 365 * D + 10 * D, '3y10d'],
    [9 * 365 * D, '9y'],
  ])('says %d ms as %s', (durationMs, expected) => {
    expect(formatDuration(durationMs)).toBe(expected);
  });

  it('says of no time that it is unknown', () => {
    expect([formatAge(undefined, 0), formatAge('nonsense', 0)]).toEqual(['<unknown>', '<unknown>']);
  });
});
