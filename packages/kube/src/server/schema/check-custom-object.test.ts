import { describe, expect, test } from 'vitest';
import { checkCustomObject } from './check-custom-object.ts';
import { compileCrdSchema } from './compile-crd-schema.ts';
import type { JsonValue } from './json.ts';

const compiled = compileCrdSchema({
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer', maximum: 3 },
        name: { type: 'string' },
        nested: {
          type: 'object',
          required: ['a'],
          properties: { a: { type: 'string' }, b: { type: 'string' } },
        },
        list: { type: 'array', items: { type: 'string', maxLength: 1 } },
      },
    },
  },
});

function fieldsOf(spec: JsonValue, old?: JsonValue): string[] {
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  return checkCustomObject(compiled.value, { spec }, old === undefined ? undefined : { spec: old }).map(
    ({ field }) => field,
  );
}

describe('an update of an object that a stricter schema would refuse', () => {
  test('passes where the broken field stays as it was', () => {
    expect(fieldsOf({ size: 9 })).toEqual(['spec.size']);
    expect(fieldsOf({ size: 9, name: 'new' }, { size: 9, name: 'old' })).toEqual([]);
    expect(fieldsOf({ nested: { b: 'x' }, name: 'new' }, { nested: { b: 'x' } })).toEqual([]);
    expect(fieldsOf({ list: ['aa'], name: 'new' }, { list: ['aa'] })).toEqual([]);
  });

  test('is refused where the broken field changes', () => {
    expect(fieldsOf({ size: 8 }, { size: 9 })).toEqual(['spec.size']);
    expect(fieldsOf({ nested: { b: 'y' } }, { nested: { b: 'x' } })).toEqual(['spec.nested.a']);
    expect(fieldsOf({ list: ['aa', 'b'] }, { list: ['aa'] })).toEqual(['spec.list[0]']);
  });
});
