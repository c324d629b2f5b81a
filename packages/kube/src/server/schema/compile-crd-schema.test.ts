import { describe, expect, test } from 'vitest';
import { compileCrdSchema } from './compile-crd-schema.ts';
import type { JsonObject, JsonValue } from './json.ts';

const path = 'spec.versions[0].schema.openAPIV3Schema';

function errorsOf(schema: unknown): string[] {
  const compiled = compileCrdSchema(schema, path);
  if (compiled.ok) return [];
  return compiled.error.map(({ field, message }) => `${field.replace(`${path}.`, '')}: ${message}`);
}

function withSpec(spec: JsonObject): JsonObject {
  return { type: 'object', properties: { spec } };
}

describe('the schema of a custom resource', () => {
  test('becomes structural, with apiVersion, kind and metadata as the server knows them', () => {
    const compiled = compileCrdSchema(
      withSpec({ type: 'object', properties: { size: { type: 'integer', minimum: 1 } }, required: ['size'] }),
    );
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
    expect(compiled.value.properties!['spec']).toEqual({
      type: 'object',
      required: ['size'],
      properties: { size: { type: 'integer', minimum: 1 } },
    });
    expect(compiled.value.properties!['metadata']!.component).toBe(
      'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
    );
  });

  test('keeps what it says of the name beside what the server knows of metadata', () => {
    const compiled = compileCrdSchema({
      type: 'object',
      properties: { metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 5 } } } },
    });
    expect(compiled.ok && compiled.value.properties!['metadata']!.properties!['name']).toEqual({
      type: 'string',
      maxLength: 5,
    });
    expect(compiled.ok && compiled.value.properties!['metadata']!.properties!['labels']!.type).toBe('object');
  });

  test('reads every extension', () => {
    const compiled = compileCrdSchema(
      withSpec({
        type: 'object',
        properties: {
          port: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
          any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          template: {
            type: 'object',
            'x-kubernetes-embedded-resource': true,
            'x-kubernetes-preserve-unknown-fields': true,
          },
          labels: {
            type: 'object',
            additionalProperties: { type: 'string' },
            'x-kubernetes-map-type': 'atomic',
          },
          list: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
            items: {
              type: 'object',
              required: ['name'],
              properties: { name: { type: 'string', default: 'x' } },
            },
          },
        },
        'x-kubernetes-validations': [
          {
            rule: 'has(self.port)',
            message: 'needs a port',
            reason: 'FieldValueRequired',
            fieldPath: '.port',
          },
        ],
      }),
    );
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
    const { port, any, template, labels, list } = compiled.value.properties!['spec']!.properties!;
    expect(port!.intOrString).toBe(true);
    expect(any!.preserveUnknownFields).toBe(true);
    expect(template!.embeddedResource).toBe(true);
    expect(Object.keys(template!.properties!)).toEqual(['apiVersion', 'kind', 'metadata']);
    expect(labels!.mapType).toBe('atomic');
    expect(list).toMatchObject({ listType: 'map', listMapKeys: ['name'] });
    expect(compiled.value.properties!['spec']!.validations).toHaveLength(1);
  });

  test('may have properties with the names of prototypes', () => {
    const schema = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"}}}',
    ) as JsonObject;
    const compiled = compileCrdSchema(schema);
    expect(compiled.ok && Object.keys(compiled.value.properties!)).toContain('__proto__');
    expect(({} as Record<string, unknown>)['type']).toBeUndefined();
  });
});

describe('a schema is refused', () => {
  test.each<[string, JsonValue, string[]]>([
    ['without a type at the root', {}, ['type: Required value: must not be empty at the root']],
    [
      'with another type at the root',
      { type: 'array', items: { type: 'string' } },
      ['type: Invalid value: "array": must be object at the root'],
    ],
    [
      'without the type of a field',
      withSpec({ properties: { a: { type: 'string' } } }),
      ['properties[spec].type: Required value: must not be empty for specified object fields'],
    ],
    [
      'without the type of items',
      withSpec({ type: 'array', items: {} }),
      ['properties[spec].items.type: Required value: must not be empty for specified array items'],
    ],
    [
      'without the items of a list',
      withSpec({ type: 'array' }),
      ['properties[spec].items: Required value: must be specified'],
    ],
    [
      'with a type that does not exist',
      withSpec({ type: 'text' }),
      [
        'properties[spec].type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"',
      ],
    ],
    [
      'with a type inside anyOf',
      withSpec({
        type: 'object',
        properties: { a: { type: 'string' } },
        anyOf: [{ properties: { a: { type: 'string' } } }],
      }),
      ['properties[spec].anyOf[0].properties[a].type: Forbidden: must be empty to be structural'],
    ],
    [
      'with a field that is only named inside allOf',
      { type: 'object', allOf: [{ properties: { a: { minLength: 1 } } }] },
      [
        'properties[a]: Required value: because it is defined in spec.versions[0].schema.openAPIV3Schema.allOf[0].properties[a]',
      ],
    ],
    [
      'with a default inside not',
      withSpec({ type: 'string', not: { default: 'x' } }),
      ['properties[spec].not.default: Forbidden: must be undefined to be structural'],
    ],
    [
      'with a say about metadata',
      {
        type: 'object',
        properties: { metadata: { type: 'object', properties: { labels: { type: 'object' } } } },
      },
      [
        'properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
      ],
    ],
    [
      'with $ref',
      withSpec({ type: 'object', $ref: '#/x' }),
      ['properties[spec].$ref: Forbidden: $ref is not supported'],
    ],
    [
      'with items that are a list',
      withSpec({ type: 'array', items: [{ type: 'string' }] }),
      [
        'properties[spec].items: Forbidden: items must be a schema object and not an array',
        'properties[spec].items: Required value: must be specified',
      ],
    ],
    [
      'with uniqueItems',
      withSpec({ type: 'array', items: { type: 'string' }, uniqueItems: true }),
      [
        'properties[spec].uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ],
    ],
    [
      'with properties and additionalProperties',
      withSpec({
        type: 'object',
        properties: { a: { type: 'string' } },
        additionalProperties: { type: 'string' },
      }),
      [
        'properties[spec].additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive',
      ],
    ],
    [
      'with a pattern that is none',
      withSpec({ type: 'string', pattern: '(' }),
      [
        expect.stringMatching(
          /^properties\[spec\]\.pattern: Invalid value: "\(": must be a valid regular expression, but isn't: /,
        ) as never,
      ],
    ],
    [
      'with a list map without keys',
      withSpec({ type: 'array', 'x-kubernetes-list-type': 'map', items: { type: 'object' } }),
      [
        'properties[spec].x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map',
      ],
    ],
    [
      'with a key that need not be there',
      withSpec({
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['a'],
        items: { type: 'object', properties: { a: { type: 'string' } } },
      }),
      [
        'properties[spec].items.properties[a].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
      ],
    ],
    [
      'with a list type on an object',
      withSpec({ type: 'object', 'x-kubernetes-list-type': 'set' }),
      [
        'properties[spec].type: Invalid value: "object": must be array if x-kubernetes-list-type is specified',
      ],
    ],
    [
      'with a default that the schema refuses',
      withSpec({ type: 'object', properties: { a: { type: 'integer', default: 'x' } } }),
      [
        'properties[spec].properties[a].default: Invalid value: "string": spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[a].default in body must be of type integer: "string"',
      ],
    ],
    [
      'with a default that has unknown fields',
      withSpec({ type: 'object', properties: { a: { type: 'object', default: { b: 1 } } } }),
      [
        'properties[spec].properties[a].default: Invalid value: map[string]interface {}{"b":1}: must not have unknown fields',
      ],
    ],
    [
      'with nullable at the root',
      { type: 'object', nullable: true },
      ['nullable: Forbidden: nullable cannot be true at the root'],
    ],
    [
      'that is no object',
      'text',
      ['spec.versions[0].schema.openAPIV3Schema: Invalid value: "": must be an object'],
    ],
  ])('%s', (_name, schema, expected) => {
    expect(errorsOf(schema)).toEqual(expected);
  });

  test('that nests too deep', () => {
    let schema: JsonObject = { type: 'object' };
    for (let level = 0; level < 20_000; level++) schema = { type: 'object', properties: { a: schema } };
    expect(errorsOf(schema)).toEqual([`${path}: Invalid value: "": must not nest deeper than 200 levels`]);
  });
});
