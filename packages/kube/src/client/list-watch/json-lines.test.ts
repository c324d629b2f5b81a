import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonLineReader } from './json-lines.ts';

test('lines come whole however the bytes are cut', () => {
  const arbitrary = fc.tuple(fc.array(fc.jsonValue()), fc.array(fc.nat(50)));
  fc.assert(
    fc.property(arbitrary, ([values, cuts]) => {
      const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
      const reader = new JsonLineReader();
      const read: unknown[] = [];
      let at = 0;
      for (const cut of [...cuts, bytes.length]) {
        for (const line of reader.push(bytes.subarray(at, at + cut)))
          read.push(line.ok ? line.value : line.error);
        at = Math.min(bytes.length, at + cut);
      }
      expect(JSON.stringify(read)).toEqual(JSON.stringify(values));
      expect(reader.hasRest()).toBe(false);
    }),
  );
});

test('a line that is no JSON, or too long, is told and the next one read', () => {
  const reader = new JsonLineReader(10);
  expect(reader.push(Buffer.from('nonsense\n{"a":1}\n"0123456789'))).toEqual([
    { ok: false, error: 'a line that is no JSON' },
    { ok: true, value: { a: 1 } },
  ]);
  expect(reader.push(Buffer.from('0123456789"\n1\n'))).toEqual([
    { ok: false, error: 'a line longer than 10 bytes' },
    { ok: true, value: 1 },
  ]);
});

test('an unfinished line is noticed', () => {
  const reader = new JsonLineReader();
  reader.push(Buffer.from('{"a":'));
  expect(reader.hasRest()).toBe(true);
});
