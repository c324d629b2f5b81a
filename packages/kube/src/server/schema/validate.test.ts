import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileCrdSchema } from './compile-crd-schema.ts';
import { applyDefaults } from './default.ts';
import { cloneJson, equalJson, type JsonObject, type JsonValue } from './json.ts';
import { describeUnknownFields, prune } from './prune.ts';
import type { StructuralSchema } from './structural-schema.ts';
import { validate } from './validate.ts';

function schemaOf(spec: JsonObject): StructuralSchema {
  const compiled = compileCrdSchema({ type: 'object', properties: { spec } });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  return compiled.value;
}

function errorsOf(spec: JsonObject, value: JsonValue): string[] {
  return validate(schemaOf(spec), { spec: value }).map(({ field, message }) => `${field}: ${message}`);
}

describe('validation says in Kubernetes words', () => {
  test.each<[string, JsonObject, JsonValue, string[]]>([
    [
      'that a type is wrong',
      { type: 'integer' },
      'x',
      ['spec: Invalid value: "string": spec in body must be of type integer: "string"'],
    ],
    [
      'that a fraction is no integer',
      { type: 'integer' },
      1.5,
      [
        'spec: Invalid value: "number": spec in body must be of type integer: "number"',
        '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec',
      ],
    ],
    ['nothing of an integer that is a number', { type: 'number' }, 1, []],
    [
      'that null is no value',
      { type: 'string' },
      null,
      ['spec: Invalid value: "null": spec in body must be of type string: "null"'],
    ],
    ['nothing of null where any value may be', { 'x-kubernetes-preserve-unknown-fields': true }, null, []],
    [
      'that null is not one of the list',
      { type: 'string', nullable: true, enum: ['a'] },
      null,
      ['spec: Unsupported value: "null": supported values: "a"'],
    ],
    [
      'that a value has another type, and breaks other restrictions too',
      { type: 'object', additionalProperties: { type: 'string', enum: ['a'] } },
      { x: 1 },
      [
        'spec.x: Invalid value: "integer": spec.x in body must be of type string: "integer"',
        'spec.x: Unsupported value: 1: supported values: "a"',
      ],
    ],
    [
      'the format of a text that is no text',
      { type: 'string', format: 'date-time' },
      5,
      ['spec: Invalid value: "int64": spec in body must be of type date-time: "int64"'],
    ],
    [
      'that a number is too large to be an integer',
      { type: 'integer' },
      1e21,
      [
        'spec: Invalid value: "number": spec in body must be of type integer: "number"',
        '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec',
      ],
    ],
    [
      'of a text that is too long only that',
      { type: 'string', maxLength: 1, pattern: '^a' },
      'bb',
      ['spec: Too long: may not be more than 1 bytes'],
    ],
    ['nothing of null where it may be', { type: 'string', nullable: true }, null, []],
    [
      'that a field is missing',
      { type: 'object', required: ['a'], properties: { a: { type: 'string' } } },
      {},
      ['spec.a: Required value'],
    ],
    [
      'that a value is not one of the list',
      { type: 'string', enum: ['a', 'b'] },
      'c',
      ['spec: Unsupported value: "c": supported values: "a", "b"'],
    ],
    [
      'that a number is too large',
      { type: 'integer', maximum: 3 },
      4,
      ['spec: Invalid value: 4: spec in body should be less than or equal to 3'],
    ],
    [
      'that a number is at an exclusive end',
      { type: 'integer', maximum: 3, exclusiveMaximum: true },
      3,
      ['spec: Invalid value: 3: spec in body should be less than 3'],
    ],
    [
      'that a number is too small',
      { type: 'integer', minimum: 3 },
      2,
      ['spec: Invalid value: 2: spec in body should be greater than or equal to 3'],
    ],
    [
      'that a number is no multiple',
      { type: 'number', multipleOf: 0.5 },
      0.7,
      ['spec: Invalid value: 0.7: spec in body should be a multiple of 0.5'],
    ],
    [
      'that a text is too short',
      { type: 'string', minLength: 3 },
      'ab',
      ['spec: Invalid value: "ab": spec in body should be at least 3 chars long'],
    ],
    [
      'that a text is too long',
      { type: 'string', maxLength: 2 },
      'abc',
      ['spec: Too long: may not be more than 2 bytes'],
    ],
    [
      'nothing of two characters outside the basic plane',
      { type: 'string', maxLength: 2, minLength: 2 },
      '\u{1f600}\u{1f600}',
      [],
    ],
    [
      'that a text does not match',
      { type: 'string', pattern: '^a+$' },
      'b',
      ['spec: Invalid value: "b": spec in body should match \'^a+$\''],
    ],
    [
      'nothing of a text that an unanchored pattern matches in the middle',
      { type: 'string', pattern: 'b' },
      'abc',
      [],
    ],
    [
      'that a text has not its format',
      { type: 'string', format: 'ipv4' },
      'x',
      ['spec: Invalid value: "x": spec in body must be of type ipv4: "x"'],
    ],
    ['nothing of a format that nobody knows', { type: 'string', format: 'moon' }, 'x', []],
    [
      'that a list is too short',
      { type: 'array', minItems: 1, items: { type: 'string' } },
      [],
      ['spec: Invalid value: 0: spec in body should have at least 1 items'],
    ],
    [
      'that a list is too long',
      { type: 'array', maxItems: 1, items: { type: 'string' } },
      ['a', 'b'],
      ['spec: Too many: 2: must have at most 1 items'],
    ],
    [
      'that a map is too small',
      { type: 'object', minProperties: 1 },
      {},
      ['spec: Invalid value: 0: spec in body should have at least 1 properties'],
    ],
    [
      'what is wrong inside of lists and maps',
      { type: 'object', additionalProperties: { type: 'array', items: { type: 'boolean' } } },
      { a: [true, 1] },
      ['spec.a[1]: Invalid value: "integer": spec.a[1] in body must be of type boolean: "integer"'],
    ],
    [
      'that an item of a set occurs twice',
      { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
      ['a', 'b', 'a'],
      ['spec[2]: Duplicate value: "a"'],
    ],
    [
      'of an item that occurs three times once',
      { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
      ['a', 'a', 'a'],
      ['spec[1]: Duplicate value: "a"'],
    ],
    [
      'that an item of a list map has no keys',
      {
        type: 'object',
        additionalProperties: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['n'],
          items: { type: 'object', required: ['n'], properties: { n: { type: 'string' } } },
        },
      },
      { a: [{ n: 'x' }, 'y'] },
      [
        'spec.a[1]: Invalid value: "string": spec.a[1] in body must be of type object: "string"',
        'spec[a][1]: Invalid value: "y": must be an object for an array of list-type map',
      ],
    ],
    [
      'that a key of a list map occurs twice',
      {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['n', 'p'],
        items: {
          type: 'object',
          required: ['n', 'p'],
          properties: { n: { type: 'string' }, p: { type: 'integer' }, v: { type: 'string' } },
        },
      },
      [
        { n: 'a', p: 1, v: 'x' },
        { n: 'a', p: 2 },
        { n: 'a', p: 1 },
      ],
      ['spec[2]: Duplicate value: map[string]interface {}{"n":"a", "p":1}'],
    ],
    [
      'that a text is neither integer nor string',
      { 'x-kubernetes-int-or-string': true },
      true,
      ['spec: Invalid value: "boolean": spec in body must be of type integer,string: "boolean"'],
    ],
    [
      'that no clause of anyOf holds',
      { type: 'integer', anyOf: [{ minimum: 5 }, { maximum: 1 }] },
      3,
      [
        '<nil>: Invalid value: "": "spec" must validate at least one schema (anyOf)',
        'spec: Invalid value: 3: spec in body should be greater than or equal to 5',
      ],
    ],
    [
      'that two clauses of oneOf hold',
      { type: 'integer', oneOf: [{ minimum: 1 }, { maximum: 5 }] },
      3,
      [
        '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives',
      ],
    ],
    [
      'that a clause of allOf does not hold',
      { type: 'integer', allOf: [{ minimum: 5 }] },
      3,
      [
        'spec: Invalid value: 3: spec in body should be greater than or equal to 5',
        '<nil>: Invalid value: "": "spec" must validate all the schemas (allOf). None validated',
      ],
    ],
    [
      'that what must not hold does',
      { type: 'integer', not: { minimum: 1 } },
      3,
      ['<nil>: Invalid value: "": "spec" must not validate the schema (not)'],
    ],
    [
      'that one of several fields is needed',
      {
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'string' } },
        oneOf: [{ required: ['a'] }, { required: ['b'] }],
      },
      {},
      [
        '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found none valid',
        'spec.a: Required value',
      ],
    ],
  ])('%s', (_name, spec, value, expected) => {
    expect(errorsOf(spec, value)).toEqual(expected);
  });

  test('at once that a text does not match a pattern that backtracking engines hang on', () => {
    expect(errorsOf({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(2000)}!`)).toHaveLength(1);
  });
});

describe('pruning', () => {
  const schema = schemaOf({
    type: 'object',
    properties: {
      a: { type: 'object', properties: { b: { type: 'string' } } },
      list: { type: 'array', items: { type: 'object', properties: { c: { type: 'string' } } } },
      map: {
        type: 'object',
        additionalProperties: { type: 'object', properties: { d: { type: 'string' } } },
      },
      open: {
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
        properties: { e: { type: 'object', properties: { f: { type: 'string' } } } },
      },
    },
  });

  test('takes out unknown fields and tells their paths', () => {
    const value = JSON.parse(
      '{"zzz":1,"spec":{"a":{"b":"x","q":1},"list":[{"c":"x"},{"r":1}],"map":{"k":{"d":"x","s":1}},"open":{"any":{"x":1},"e":{"t":1}},"__proto__":{"u":1}}}',
    ) as JsonObject;
    const before = JSON.stringify(value);
    const { value: pruned, unknownFields } = prune(schema, value);
    expect(JSON.stringify(pruned)).toBe(
      '{"spec":{"a":{"b":"x"},"list":[{"c":"x"},{}],"map":{"k":{"d":"x"}},"open":{"any":{"x":1},"e":{}}}}',
    );
    expect(unknownFields).toEqual([
      'zzz',
      'spec.a.q',
      'spec.list[1].r',
      'spec.map.k.s',
      'spec.open.e.t',
      'spec.__proto__',
    ]);
    expect(describeUnknownFields(['spec.foo'])).toEqual(['unknown field "spec.foo"']);
    expect(JSON.stringify(value)).toBe(before);
  });

  test('takes out null where it may not be, without a word', () => {
    const nulls = schemaOf({
      type: 'object',
      properties: {
        plain: { type: 'string' },
        nullable: { type: 'string', nullable: true },
        defaulted: { type: 'string', default: 'd' },
        map: { type: 'object', additionalProperties: { type: 'string' } },
        list: { type: 'array', items: { type: 'string' } },
        open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    });
    const value = {
      spec: {
        plain: null,
        nullable: null,
        defaulted: null,
        map: { a: null, b: 'x' },
        list: [null],
        open: { any: null },
      },
    };
    expect(prune(nulls, value)).toEqual({
      value: {
        spec: { nullable: null, defaulted: null, map: { b: 'x' }, list: [null], open: { any: null } },
      },
      unknownFields: [],
    });
  });

  test('gives the object itself where it knows everything', () => {
    const value = { spec: { a: { b: 'x' }, list: [{ c: 'y' }] } };
    expect(prune(schema, value).value).toBe(value);
  });

  test('finds nothing more in what it has pruned', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        const value = JSON.parse(
          `{"spec":{"a":${text},"list":[${text}],"map":{"k":${text}},"open":${text}}}`,
        ) as JsonObject;
        const once = prune(schema, value).value;
        expect(prune(schema, once)).toEqual({ value: once, unknownFields: [] });
      }),
    );
  });
});

describe('defaults', () => {
  const schema = schemaOf({
    type: 'object',
    properties: {
      size: { type: 'integer', default: 3 },
      nested: { type: 'object', properties: { deep: { type: 'string', default: 'd' } } },
      made: { type: 'object', default: {}, properties: { deep: { type: 'string', default: 'd' } } },
      maybe: { type: 'string', nullable: true, default: 'x' },
      list: {
        type: 'array',
        items: { type: 'object', properties: { proto: { type: 'string', default: 'TCP' } } },
      },
      map: {
        type: 'object',
        additionalProperties: { type: 'object', properties: { a: { type: 'integer', default: 1 } } },
      },
      ports: { type: 'array', items: { type: 'integer', default: 80 } },
    },
  });

  test('fill in what is missing where the parent is there', () => {
    const value: JsonObject = { spec: { list: [{}, { proto: 'UDP' }], map: { k: {} } } };
    applyDefaults(schema, value);
    expect(value['spec']).toEqual({
      size: 3,
      made: { deep: 'd' },
      maybe: 'x',
      list: [{ proto: 'TCP' }, { proto: 'UDP' }],
      map: { k: { a: 1 } },
    });
    const without: JsonObject = {};
    applyDefaults(schema, without);
    expect(without).toEqual({});
  });

  test('replace null, but not where it may be', () => {
    const value: JsonObject = { spec: { size: null, maybe: null, made: null, ports: [null, 1] } };
    applyDefaults(schema, value);
    expect(value['spec']).toEqual({ size: 3, maybe: null, made: { deep: 'd' }, ports: [80, 1] });
  });

  test('share nothing between objects', () => {
    const first: JsonObject = { spec: {} };
    const second: JsonObject = { spec: {} };
    applyDefaults(schema, first);
    applyDefaults(schema, second);
    expect((first['spec'] as JsonObject)['made']).not.toBe((second['spec'] as JsonObject)['made']);
  });

  test('change nothing the second time', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('size', 'nested', 'made', 'maybe', 'list', 'map'),
          fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant({})),
        ),
        (spec) => {
          const value = cloneJson({ spec: JSON.parse(JSON.stringify(spec)) as JsonObject });
          applyDefaults(schema, value);
          const once = cloneJson(value);
          applyDefaults(schema, value);
          expect(equalJson(value, once)).toBe(true);
        },
      ),
    );
  });
});

describe('hostile objects', () => {
  test('are validated, pruned and filled in without an exception or a changed prototype', () => {
    const schema = schemaOf({
      type: 'object',
      properties: {
        a: { type: 'object', default: {}, properties: { b: { type: 'string', default: 'x' } } },
        m: { type: 'object', additionalProperties: { type: 'integer' } },
      },
    });
    fc.assert(
      fc.property(
        fc.json(),
        fc.constantFrom('__proto__', 'constructor', 'prototype', 'a', 'm'),
        (text, key) => {
          const value = JSON.parse(
            `{"spec":{${JSON.stringify(key)}:${text}},"__proto__":${text}}`,
          ) as JsonObject;
          validate(schema, value);
          const pruned = cloneJson(prune(schema, value).value);
          applyDefaults(schema, pruned);
          expect(({} as Record<string, unknown>)['b']).toBeUndefined();
          expect(Object.keys(Object.prototype)).toEqual([]);
        },
      ),
    );
  });
});
