import { err, ok } from '@flatland/shared/result';
import { expect, test } from 'vitest';
import { ObjectCache } from './object-cache.ts';
import { readRawObject } from './raw-object.ts';
import type { RawObject } from './raw-object.ts';

type Thing = { metadata: { name: string; resourceVersion: string }; color: string };

function thing(name: string, version: number, color = 'red', uid = `uid-${name}`): RawObject {
  const raw = readRawObject({ metadata: { name, uid, resourceVersion: String(version) }, color });
  if (raw === undefined) throw new Error('no object');
  return raw;
}

function makeCache(): ObjectCache<Thing> {
  return new ObjectCache<Thing>({
    parse(raw) {
      const candidate = raw as Thing;
      if (candidate.color === 'throw') throw new Error('broken parser');
      return candidate.color === 'bad' ? err('no such color') : ok(candidate);
    },
    indexers: { color: (object) => [object.color] },
  });
}

const names = (cache: ObjectCache<Thing>) => cache.list().map((object) => object.metadata.name);

test('objects are listed by key and found by index', () => {
  const cache = makeCache();
  cache.replace([thing('b', 2).raw, thing('a', 1).raw, thing('c', 3, 'green').raw]);
  expect(names(cache)).toEqual(['a', 'b', 'c']);
  expect(cache.byIndex('color', 'red').map((object) => object.metadata.name)).toEqual(['a', 'b']);
  cache.upsert(thing('a', 4, 'green'));
  cache.remove(thing('b', 5));
  expect(cache.byIndex('color', 'red')).toEqual([]);
  expect(cache.byIndex('color', 'green').map((object) => object.metadata.name)).toEqual(['a', 'c']);
});

test('doubled and late events change nothing', () => {
  const cache = makeCache();
  cache.replace([thing('a', 5).raw]);
  expect(cache.upsert(thing('a', 5))).toEqual([]);
  expect(cache.upsert(thing('a', 4))).toEqual([]);
  expect(cache.remove(thing('a', 4))).toEqual([]);
  expect(cache.remove(thing('a', 9))).toHaveLength(1);
  expect(cache.upsert(thing('a', 8))).toEqual([]);
  expect(cache.remove(thing('b', 7))).toEqual([]);
  expect(cache.upsert(thing('b', 6))).toEqual([]);
  expect(cache.list()).toEqual([]);
  expect(cache.upsert(thing('a', 10))).toMatchObject([{ type: 'added' }]);
});

test('an object made anew under the same name is a deletion and an addition', () => {
  const cache = makeCache();
  cache.replace([thing('a', 1).raw]);
  const changes = cache.replace([thing('a', 5, 'red', 'another uid').raw]);
  expect(changes.map(({ type }) => type)).toEqual(['deleted', 'added']);
});

test('an object that does not parse is named, and its last good version stays', () => {
  const cache = makeCache();
  cache.replace([thing('a', 1).raw, thing('b', 2, 'bad').raw, thing('c', 3).raw, { nonsense: true }]);
  expect(names(cache)).toEqual(['a', 'c']);
  expect(cache.upsert(thing('a', 4, 'throw'))).toEqual([]);
  expect(names(cache)).toEqual(['a', 'c']);
  expect(cache.rejected()).toEqual([
    { key: 'a', resourceVersion: '4', message: 'broken parser' },
    { key: 'b', resourceVersion: '2', message: 'no such color' },
  ]);
  cache.upsert(thing('b', 5));
  cache.remove(thing('a', 6));
  expect(names(cache)).toEqual(['b', 'c']);
  expect(cache.rejected()).toEqual([]);
});

test('an indexer sees an object once for its last good version', () => {
  const cache = makeCache();
  cache.replace([thing('a', 1, 'red').raw]);
  cache.upsert(thing('a', 2, 'bad'));
  cache.upsert(thing('a', 3, 'green'));
  expect(cache.byIndex('color', 'red')).toEqual([]);
  cache.remove(thing('a', 4));
  expect(cache.byIndex('color', 'green')).toEqual([]);
});
