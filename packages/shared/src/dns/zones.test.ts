import { expect, test } from 'vitest';
import { defaultDnsName, isWithin, zonesToForward } from './zones.ts';

test('the shared zone stands for all domains below it, also for those to come; others are forwarded by their own names', () => {
  expect(zonesToForward([])).toEqual(['flatland']);
  expect(zonesToForward([defaultDnsName('red'), 'mesh.harbor.example', 'GREEN.flatland'])).toEqual([
    'flatland',
    'mesh.harbor.example',
  ]);
});

test('a name is within a zone by whole labels', () => {
  expect(isWithin('red.flatland', 'flatland')).toBe(true);
  expect(isWithin('flatland', 'flatland')).toBe(true);
  expect(isWithin('notflatland', 'flatland')).toBe(false);
});
