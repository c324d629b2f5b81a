import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject, JsonValue } from '../schema/json.ts';
import { applyJsonPatch, maxPatchOperations } from './json-patch.ts';

/** RFC 6902, appendix A, and what else the text asks for. */
const good: [string, JsonObject, JsonValue[], JsonObject][] = [
  ['adds a member', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { foo: 'bar', baz: 'qux' }],
  [
    'adds an element',
    { foo: ['bar', 'baz'] },
    [{ op: 'add', path: '/foo/1', value: 'qux' }],
    { foo: ['bar', 'qux', 'baz'] },
  ],
  [
    'adds at the end',
    { foo: ['bar'] },
    [{ op: 'add', path: '/foo/-', value: ['abc'] }],
    { foo: ['bar', ['abc']] },
  ],
  ['replaces a member that is added again', { a: 1 }, [{ op: 'add', path: '/a', value: 2 }], { a: 2 }],
  ['removes a member', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
  [
    'removes an element',
    { foo: ['bar', 'qux', 'baz'] },
    [{ op: 'remove', path: '/foo/1' }],
    { foo: ['bar', 'baz'] },
  ],
  ['replaces a value', { baz: 'qux' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo' }],
  [
    'moves a value',
    { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
    [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
    { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
  ],
  [
    'moves an element',
    { foo: ['all', 'grass', 'cows', 'eat'] },
    [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
    { foo: ['all', 'cows', 'eat', 'grass'] },
  ],
  ['moves a value onto itself', { a: 1 }, [{ op: 'move', from: '/a', path: '/a' }], { a: 1 }],
  ['copies a value', { a: { b: 1 } }, [{ op: 'copy', from: '/a', path: '/c' }], { a: { b: 1 }, c: { b: 1 } }],
  [
    'tests values',
    { baz: 'qux', foo: ['a', 2, 'c'] },
    [
      { op: 'test', path: '/baz', value: 'qux' },
      { op: 'test', path: '/foo/1', value: 2 },
    ],
    { baz: 'qux', foo: ['a', 2, 'c'] },
  ],
  [
    'tests objects whatever the order of their members',
    { a: { x: 1, y: 2 } },
    [{ op: 'test', path: '/a', value: { y: 2, x: 1 } }],
    { a: { x: 1, y: 2 } },
  ],
  [
    'adds a nested object',
    { foo: 'bar' },
    [{ op: 'add', path: '/child', value: { grandchild: {} } }],
    { foo: 'bar', child: { grandchild: {} } },
  ],
  [
    'ignores unknown members',
    { foo: 'bar' },
    [{ op: 'add', path: '/baz', value: 'qux', xyz: 123 }],
    { foo: 'bar', baz: 'qux' },
  ],
  [
    'reads ~1 as / and ~0 as ~',
    { '/': 9, '~1': 10 },
    [
      { op: 'test', path: '/~01', value: 10 },
      { op: 'remove', path: '/~1' },
    ],
    { '~1': 10 },
  ],
  ['adds null', { a: 1 }, [{ op: 'add', path: '/b', value: null }], { a: 1, b: null }],
  ['replaces the whole document', { a: 1 }, [{ op: 'replace', path: '', value: { b: 2 } }], { b: 2 }],
  [
    'replaces a member that is not there',
    { a: 1 },
    [{ op: 'replace', path: '/b', value: 1 }],
    { a: 1, b: 1 },
  ],
  ['adds null for a value that is not said', {}, [{ op: 'add', path: '/a' }], { a: null }],
  ['copies null from a member that is not there', {}, [{ op: 'copy', from: '/a', path: '/b' }], { b: null }],
  ['finds null where a member is not there', {}, [{ op: 'test', path: '/a', value: null }], {}],
  ['counts negative indices from the end', { a: [1, 2] }, [{ op: 'remove', path: '/a/-1' }], { a: [1] }],
  ['reads an index with a leading zero', { a: [1, 2] }, [{ op: 'remove', path: '/a/01' }], { a: [1] }],
];

const bad: [string, JsonObject, JsonValue, 'malformed' | 'failed'][] = [
  ['an operation on a member that is not there', { a: 1 }, [{ op: 'remove', path: '/b' }], 'failed'],
  ['a replacement beyond the end', { a: [1] }, [{ op: 'replace', path: '/a/1', value: 1 }], 'failed'],
  [
    'an addition below a parent that is not there',
    { foo: 'bar' },
    [{ op: 'add', path: '/baz/bat', value: 'qux' }],
    'failed',
  ],
  ['an index beyond the end', { a: [1] }, [{ op: 'add', path: '/a/2', value: 1 }], 'failed'],
  ['an index that is no number', { a: [1] }, [{ op: 'remove', path: '/a/x' }], 'failed'],
  ['a test of another value', { baz: 'qux' }, [{ op: 'test', path: '/baz', value: 'bar' }], 'failed'],
  ['a test of text against a number', { '/': 9 }, [{ op: 'test', path: '/~1', value: '9' }], 'failed'],
  ['a move into itself', { a: { b: {} } }, [{ op: 'move', from: '/a', path: '/a/b/c' }], 'failed'],
  ['removing everything', { a: 1 }, [{ op: 'remove', path: '' }], 'failed'],
  ['making a list of the object', { a: 1 }, [{ op: 'replace', path: '', value: [] }], 'failed'],
  ['a patch that is no list', {}, { op: 'add' }, 'malformed'],
  ['an operation that is none', {}, ['add'], 'malformed'],
  ['a path that is no text', {}, [{ op: 'add', path: 1, value: 1 }], 'malformed'],
  ['an unknown operation', {}, [{ op: 'merge', path: '/a', value: 1 }], 'failed'],
  ['an operation without a path', {}, [{ op: 'add', value: 1 }], 'failed'],
  ['a path that is no pointer', { a: 1 }, [{ op: 'remove', path: 'a' }], 'failed'],
  ['adding the whole document', { a: 1 }, [{ op: 'add', path: '', value: {} }], 'failed'],
  ['a bad escape', { a: 1 }, [{ op: 'remove', path: '/~2' }], 'failed'],
  ['a copy without a source', {}, [{ op: 'copy', path: '/a' }], 'failed'],
];

describe('a JSON patch', () => {
  test.each(good)('%s', (_name, document, patch, expected) => {
    const before = JSON.stringify(document);
    expect(applyJsonPatch(document, patch)).toEqual({ ok: true, value: expected });
    expect(JSON.stringify(document)).toBe(before);
  });

  test.each(bad)('refuses %s', (_name, document, patch, kind) => {
    expect(applyJsonPatch(document, patch)).toMatchObject({ ok: false, error: { kind } });
  });

  test('does all of its operations or none', () => {
    const document = { a: 1 };
    expect(
      applyJsonPatch(document, [
        { op: 'add', path: '/b', value: 1 },
        { op: 'test', path: '/a', value: 2 },
      ]).ok,
    ).toBe(false);
    expect(document).toEqual({ a: 1 });
  });

  test('has at most the number of operations that kube-apiserver allows', () => {
    const operations = Array.from({ length: maxPatchOperations }, () => ({
      op: 'test',
      path: '/a',
      value: 1,
    }));
    expect(applyJsonPatch({ a: 1 }, operations).ok).toBe(true);
    expect(applyJsonPatch({ a: 1 }, [...operations, operations[0]])).toMatchObject({
      error: {
        kind: 'too-large',
        message: 'The allowed maximum operations in a JSON patch is 10000, got 10001',
      },
    });
  });

  test('cannot double an object until memory runs out', () => {
    const operations = Array.from({ length: 60 }, (_, index) => ({
      op: 'copy',
      from: '/a',
      path: `/a/x${index}`,
    }));
    expect(applyJsonPatch({ a: { b: 'x'.repeat(100) } }, operations)).toMatchObject({
      ok: false,
      error: { kind: 'failed', message: expect.stringContaining('copies add up') },
    });
  });

  test('neither throws nor changes a prototype, whatever it is', () => {
    const token = fc.constantFrom(
      'a',
      'b',
      '0',
      '-',
      '__proto__',
      'constructor',
      'prototype',
      'toString',
      '~0',
      '~1',
    );
    const pointer = fc
      .array(token, { maxLength: 3 })
      .map((tokens) => tokens.map((text) => `/${text}`).join(''));
    const operation = fc.record(
      {
        op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
        path: pointer,
        from: pointer,
        value: fc.jsonValue(),
      },
      { requiredKeys: ['op', 'path'] },
    );
    const document = fc.constantFrom<string>(
      '{"a":{"b":[1,2]},"__proto__":{"x":1}}',
      '{"constructor":{"prototype":{}}}',
      '{}',
    );
    fc.assert(
      fc.property(document, fc.array(operation, { maxLength: 6 }), (text, patch) => {
        const result = applyJsonPatch(JSON.parse(text) as JsonObject, patch);
        expect(typeof result.ok).toBe('boolean');
        expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });

  test('sets __proto__ as a member like any other', () => {
    const patched = applyJsonPatch(
      {},
      JSON.parse('[{"op":"add","path":"/__proto__","value":{"polluted":true}}]'),
    );
    expect(patched.ok && JSON.stringify(patched.value)).toBe('{"__proto__":{"polluted":true}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('that nests too deep is refused', () => {
    let value: JsonValue = 1;
    for (let level = 0; level < 60_000; level++) value = [value];
    expect(applyJsonPatch({}, [{ op: 'add', path: '/a', value }])).toMatchObject({
      error: { kind: 'malformed' },
    });
  });
});
