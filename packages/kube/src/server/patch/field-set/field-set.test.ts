import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../schema/json.ts';
import {
  difference,
  equalSets,
  fieldSetOf,
  hasPath,
  intersection,
  isEmpty,
  pathsOf,
  recursiveDifference,
  union,
  type FieldSet,
} from './field-set.ts';
import { formatFieldsV1, parseFieldsV1 } from './fields-v1.ts';
import { formatPath, parsePathElement, sortPathElements, type PathElement } from './path-element.ts';

const element = fc.constantFrom<PathElement>(
  'f:a',
  'f:b',
  'f:__proto__',
  'f:.',
  'f:\u{1f600}',
  'f:\ue000',
  'k:{"name":"x"}',
  'k:{"name":"x y"}',
  'k:{"containerPort":80,"protocol":"TCP"}',
  'k:{"containerPort":443,"protocol":"TCP"}',
  'v:"a"',
  'v:1',
  'v:20',
  'v:true',
  'i:0',
  'i:10',
  'i:9',
);
const path = fc.array(element, { minLength: 1, maxLength: 4 });
const setOfPaths = fc.array(path, { maxLength: 12 }).map((paths) => fieldSetOf(...paths));

/** A set as the texts of its paths, which is what it means. */
function meaning(set: FieldSet): Set<string> {
  return new Set(pathsOf(set).map((steps) => JSON.stringify(steps)));
}

describe('a field set', () => {
  test('holds the paths that were put in and not the nodes between', () => {
    const set = fieldSetOf(['f:spec', 'f:replicas'], ['f:metadata']);
    expect(hasPath(set, ['f:spec', 'f:replicas'])).toBe(true);
    expect(hasPath(set, ['f:spec'])).toBe(false);
    expect(hasPath(set, ['f:metadata'])).toBe(true);
    expect(hasPath(set, [])).toBe(false);
  });

  test('keeps a child when its parent is taken away, and loses it when the parent is taken away recursively', () => {
    const set = fieldSetOf(['f:a'], ['f:a', 'f:b'], ['f:c']);
    const parent = fieldSetOf(['f:a']);
    expect(meaning(difference(set, parent))).toEqual(meaning(fieldSetOf(['f:a', 'f:b'], ['f:c'])));
    expect(meaning(recursiveDifference(set, parent))).toEqual(meaning(fieldSetOf(['f:c'])));
  });

  test('has the algebra of sets of paths', () => {
    fc.assert(
      fc.property(setOfPaths, setOfPaths, (left, right) => {
        const l = meaning(left);
        const r = meaning(right);
        expect(meaning(union(left, right))).toEqual(l.union(r));
        expect(meaning(intersection(left, right))).toEqual(l.intersection(r));
        expect(meaning(difference(left, right))).toEqual(l.difference(r));
        expect(equalSets(union(difference(left, right), intersection(left, right)), union(left, left))).toBe(
          true,
        );
        expect(isEmpty(difference(left, left))).toBe(true);
      }),
    );
  });

  test('is written as FieldsV1 and read back as the same set', () => {
    fc.assert(
      fc.property(setOfPaths, (set) => {
        const text = JSON.stringify(formatFieldsV1(set));
        const back = parseFieldsV1(JSON.parse(text) as JsonObject);
        expect(back.ok && meaning(back.value)).toEqual(meaning(set));
        expect(back.ok && JSON.stringify(formatFieldsV1(back.value))).toBe(text);
      }),
    );
  });

  test('is written the same whatever the order in which its paths came', () => {
    fc.assert(
      fc.property(fc.array(path, { maxLength: 12 }), (paths) => {
        const written = JSON.stringify(formatFieldsV1(fieldSetOf(...paths)));
        expect(JSON.stringify(formatFieldsV1(fieldSetOf(...paths.toReversed())))).toBe(written);
      }),
    );
  });
});

describe('FieldsV1', () => {
  test('marks a member that has members below it with a dot, first', () => {
    const set = fieldSetOf(['f:labels'], ['f:labels', 'f:b'], ['f:labels', 'f:a']);
    expect(JSON.stringify(formatFieldsV1(set))).toBe('{"f:labels":{".":{},"f:a":{},"f:b":{}}}');
  });

  test('is read with keys in any order and spelling, and written in the canonical one', () => {
    const read = parseFieldsV1({ 'k:{"protocol": "TCP", "port": 80}': {}, 'f:a': {}, 'v: "x"': {} });
    expect(read.ok && JSON.stringify(formatFieldsV1(read.value))).toBe(
      '{"f:a":{},"k:{\\"port\\":80,\\"protocol\\":\\"TCP\\"}":{},"v:\\"x\\"":{}}',
    );
  });

  test('leaves out elements of types that are not known', () => {
    const read = parseFieldsV1({ 'z:new': {}, 'f:a': {} });
    expect(read.ok && pathsOf(read.value)).toEqual([['f:a']]);
  });

  test.each([
    [{ x: {} }],
    [{ 'k:{': {} }],
    [{ 'v:nope': {} }],
    [{ 'i:x': {} }],
    [[] as never],
    ['text' as never],
  ])('refuses %j', (fields) => {
    expect(parseFieldsV1(fields).ok).toBe(false);
  });

  test('refuses what nests too deep instead of running out of stack', () => {
    let deep: JsonObject = {};
    for (let level = 0; level < 50_000; level++) deep = { 'f:a': deep };
    expect(parseFieldsV1(deep)).toEqual({ ok: false, error: 'fieldsV1 nests too deep' });
  });
});

describe('path elements', () => {
  test('sort fields before keys before values before indices, numbers by value and text by its bytes', () => {
    const sorted: PathElement[] = [
      'f:Z',
      'f:a',
      'f:a-b',
      'f:ab',
      'f:\uffff',
      'f:\u{1f600}',
      'k:{"containerPort":80}',
      'k:{"containerPort":443}',
      'k:{"name":"a"}',
      'k:{"name":"a b"}',
      'k:{"name":"a!"}',
      'v:2',
      'v:10',
      'v:"a"',
      'v:true',
      'i:2',
      'i:10',
    ];
    fc.assert(
      fc.property(fc.shuffledSubarray(sorted, { minLength: sorted.length }), (shuffled) => {
        expect(sortPathElements([...shuffled])).toEqual(sorted);
      }),
    );
  });

  test('sort keys of one field as their values sort', () => {
    const keys: PathElement[] = ['k:{"name":"a-b"}', 'k:{"name":"a"}', 'k:{"name":"a.b"}', 'k:{"name":"B"}'];
    expect(sortPathElements(keys)).toEqual([
      'k:{"name":"B"}',
      'k:{"name":"a"}',
      'k:{"name":"a-b"}',
      'k:{"name":"a.b"}',
    ]);
  });

  test('print as messages of conflicts have them', () => {
    expect(formatPath(['f:spec', 'f:ports', 'k:{"port":80,"protocol":"TCP"}', 'f:name'])).toBe(
      '.spec.ports[port=80,protocol="TCP"].name',
    );
    expect(formatPath(['f:finalizers', 'v:"x"'])).toBe('.finalizers[="x"]');
  });

  test('are never read from text without being refused or made canonical', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = parsePathElement(text);
        if (!read.ok || read.value === 'unknown') return;
        expect(parsePathElement(read.value)).toEqual(read);
      }),
    );
  });
});
