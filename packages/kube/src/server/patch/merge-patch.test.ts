import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { equalJson, type JsonObject, type JsonValue } from '../schema/json.ts';
import { applyMergePatch, makeMergePatch } from './merge-patch.ts';

/** RFC 7386, appendix A, for documents and patches that are objects. */
const cases: [string, string, string][] = [
  ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
  ['{"a":"b"}', '{"a":null}', '{}'],
  ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
  ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
  ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
  ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
  ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
  ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
  ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
];

const object = fc
  .json({ maxDepth: 4 })
  .map((text) => JSON.parse(`{"a":${text},"b":{"c":${text}}}`) as JsonObject)
  .map(withoutNulls);

describe('a JSON merge patch', () => {
  test.each(cases)('makes of %s with %s', (document, patch, expected) => {
    expect(JSON.stringify(apply(document, patch))).toBe(expected);
  });

  test('that was made from two objects turns one into the other', () => {
    fc.assert(
      fc.property(object, object, (from, to) => {
        const result = applyMergePatch(from, makeMergePatch(from, to));
        expect(result.ok && equalJson(result.value, to)).toBe(true);
      }),
    );
  });

  test('leaves its arguments as they are', () => {
    const document = { a: { b: 1 } };
    const patch = { a: { c: { d: 1 } } };
    const result = applyMergePatch(document, patch);
    expect(document).toEqual({ a: { b: 1 } });
    expect(result.ok && (result.value['a'] as JsonObject)['c']).not.toBe(patch.a.c);
  });

  test('neither throws nor changes a prototype, whatever it is', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const hostile = text.replaceAll('"a', '"__proto__');
        expect(typeof applyMergePatch({ a: { b: 1 } }, JSON.parse(text)).ok).toBe('boolean');
        expect(typeof applyMergePatch({ a: { b: 1 } }, safeParse(hostile)).ok).toBe('boolean');
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
    apply('{}', '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('with as many keys as a request can carry is merged', () => {
    const patch: JsonObject = {};
    for (let index = 0; index < 200_000; index++) patch[`k${index}`] = index;
    const result = applyMergePatch({}, patch);
    expect(result.ok && Object.keys(result.value).length).toBe(200_000);
  });

  test.each([[[]], ['text'], [null], [1]])('that is %j is refused', (patch) => {
    expect(applyMergePatch({}, patch)).toMatchObject({ ok: false, error: { kind: 'malformed' } });
  });
});

function apply(document: string, patch: string): JsonObject {
  const result = applyMergePatch(JSON.parse(document) as JsonObject, JSON.parse(patch));
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function safeParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Merge patches cannot say null, and remove a member of an object by it. */
function withoutNulls<T extends JsonValue>(value: T): T {
  return JSON.parse(JSON.stringify(value, (_key, item: JsonValue) => (item === null ? 'null' : item))) as T;
}
