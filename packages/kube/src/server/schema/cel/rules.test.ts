import { describe, expect, test } from 'vitest';
import { checkCustomObject } from '../check-custom-object.ts';
import { compileCrdSchema } from '../compile-crd-schema.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { evaluateRules } from './rules.ts';

const properties: JsonObject = {
  n: { type: 'integer' },
  ratio: { type: 'number' },
  name: { type: 'string' },
  'a-b': { type: 'string' },
  namespace: { type: 'string' },
  when: { type: 'string', format: 'date-time' },
  color: { type: 'string', enum: ['red'] },
  port: { 'x-kubernetes-int-or-string': true },
  names: { type: 'array', items: { type: 'string' } },
  labels: { type: 'object', additionalProperties: { type: 'string' } },
  items: {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['name'],
    items: {
      type: 'object',
      required: ['name'],
      properties: { name: { type: 'string' }, size: { type: 'integer' } },
      'x-kubernetes-validations': [
        {
          rule: '!has(self.size) || !has(oldSelf.size) || self.size >= oldSelf.size',
          message: 'cannot shrink',
        },
      ],
    },
  },
};

function compile(rule: JsonObject) {
  return compileCrdSchema({
    type: 'object',
    properties: { spec: { type: 'object', properties, 'x-kubernetes-validations': [rule] } },
  });
}

function evaluate(rule: JsonObject | string, spec: JsonValue, old?: JsonValue): string[] {
  const schema = compile(typeof rule === 'string' ? { rule } : rule);
  if (!schema.ok) throw new Error(JSON.stringify(schema.error));
  const errors = evaluateRules(schema.value, { spec }, old === undefined ? undefined : { spec: old });
  return errors.map(({ field, message }) => `${field}: ${message}`);
}

describe('a rule', () => {
  test.each<[string, JsonObject]>([
    ['self.n <= 3', { n: 3 }],
    ['self.ratio > 0.5', { ratio: 1 }],
    ["self.name.startsWith('a') && self.name.matches('^a+$')", { name: 'aa' }],
    ["self.a__dash__b == 'x' && self.__namespace__ == 'y'", { 'a-b': 'x', namespace: 'y' }],
    ["self.when < timestamp('2027-01-01T00:00:00Z')", { when: '2026-01-01T00:00:00Z' }],
    ["type(self.port) == int ? self.port > 0 : self.port == 'http'", { port: 'http' }],
    ['self.names.all(x, self.names.exists_one(y, x == y))', { names: ['a', 'b'] }],
    ["self.labels.all(k, k.size() < 5) && self.labels['a'] == '1'", { labels: { a: '1' } }],
    ['!has(self.n) && size(self.names) == 2', { names: ['a', 'b'] }],
    ["self.names.isSorted() && self.names.indexOf('b') == 1", { names: ['a', 'b'] }],
    ["isIP('fd00::1') && isCIDR('10.0.0.0/8') && !isIP('x')", {}],
    [
      "self.items.filter(i, i.size > 1).map(i, i.name) == ['b']",
      {
        items: [
          { name: 'a', size: 1 },
          { name: 'b', size: 2 },
        ],
      },
    ],
  ])('%s holds', (rule, spec) => {
    expect(evaluate(rule, spec)).toEqual([]);
  });

  test('that does not hold tells its message, or itself', () => {
    expect(evaluate({ rule: 'self.n <= 3', message: 'too many' }, { n: 4 })).toEqual([
      'spec: Invalid value: "object": too many',
    ]);
    expect(evaluate('self.n <= 3', { n: 4 })).toEqual([
      'spec: Invalid value: "object": failed rule: self.n <= 3',
    ]);
  });

  test('may make its message, and falls back where that fails', () => {
    const rule = { rule: 'self.n <= 3', message: 'plain', messageExpression: "'n is ' + string(self.n)" };
    expect(evaluate(rule, { n: 4 })).toEqual(['spec: Invalid value: "object": n is 4']);
    expect(evaluate({ ...rule, messageExpression: 'self.name' }, { n: 4 })).toEqual([
      'spec: Invalid value: "object": plain',
    ]);
  });

  test('says where and why it is broken', () => {
    const rule = { rule: 'self.n <= 3', message: 'no', fieldPath: '.n', reason: 'FieldValueForbidden' };
    expect(evaluate(rule, { n: 4 })).toEqual(['spec.n: Forbidden: no']);
    expect(evaluate({ ...rule, reason: 'FieldValueRequired' }, { n: 4 })).toEqual([
      'spec.n: Required value: no',
    ]);
  });

  test('that reads what is not there is broken', () => {
    expect(evaluate("self.name == 'x'", {})).toEqual([
      'spec: Invalid value: "object": no such key: name evaluating rule: self.name == \'x\'',
    ]);
  });

  test('with oldSelf compares with the stored object, and only then', () => {
    const rule = { rule: 'self.n == oldSelf.n', message: 'is immutable' };
    expect(evaluate(rule, { n: 1 })).toEqual([]);
    expect(evaluate(rule, { n: 1 }, { n: 1 })).toEqual([]);
    expect(evaluate(rule, { n: 2 }, { n: 1 })).toEqual(['spec: Invalid value: "object": is immutable']);
  });

  test('with oldSelf finds items of list maps by their keys', () => {
    const old = {
      items: [
        { name: 'a', size: 1 },
        { name: 'b', size: 5 },
      ],
    };
    expect(
      evaluate(
        'true',
        {
          items: [
            { name: 'b', size: 4 },
            { name: 'a', size: 2 },
            { name: 'c', size: 0 },
          ],
        },
        old,
      ),
    ).toEqual(['spec.items[0]: Invalid value: "object": cannot shrink']);
  });

  test('is not asked of a value that has not changed', () => {
    expect(evaluate('self.n <= 3', { n: 9 }, { n: 9 })).toEqual([]);
    expect(evaluate('self.n <= 3', { n: 9, name: 'x' }, { n: 9 })).not.toEqual([]);
  });

  test.each([
    'self.names.all(a, self.names.all(b, self.names.all(c, true)))',
    '[self.names.map(x, x)].all(m, m.all(a, m.all(b, m.all(c, true))))',
    'self.names.all(a, self.names.all(b, self.names.all(c, 1 / 0 == 1))) || true',
  ])('that would take forever is stopped: %s', (rule) => {
    const names = Array.from({ length: 300 }, () => 'x');
    expect(evaluate(rule, { names })).toEqual([
      'spec: Invalid value: "object": validation failed due to running out of cost budget, no further validation rules will be run',
    ]);
  });

  test.each<[JsonObject, string]>([
    [{ n: 'x' }, 'Invalid value: "string": spec.n in body must be of type integer: "string"'],
    [{ color: 'blue' }, 'Unsupported value: "blue": supported values: "red"'],
  ])('is not evaluated on %j, which does not fit its schema', (spec, why) => {
    const schema = compile({ rule: 'self.n <= 3' });
    if (!schema.ok) throw new Error(JSON.stringify(schema.error));
    const errors = checkCustomObject(schema.value, { spec });
    expect(errors.map(({ message }) => message)).toEqual([
      why,
      'Invalid value: "null": some validation rules were not checked because the object was invalid; correct the existing errors to complete validation',
    ]);
  });
});

describe('a rule is refused', () => {
  test.each<[string, JsonObject, string]>([
    ['without an expression', { rule: ' ' }, 'rule: Required value: rule is not specified'],
    [
      'that does not parse',
      { rule: 'self.n <' },
      'rule: Invalid value: apiextensions.ValidationRule{Rule:"self.n <", Message:"", MessageExpression:"", Reason:(*apiextensions.FieldValueErrorReason)(nil), FieldPath:"", OptionalOldSelf:(*bool)(nil)}: compilation failed: ERROR: <input>:1:8: found < but expecting end of input',
    ],
    [
      'that names an unknown field',
      { rule: 'self.q == 1' },
      `rule: Invalid value: apiextensions.ValidationRule{Rule:"self.q == 1", Message:"", MessageExpression:"", Reason:(*apiextensions.FieldValueErrorReason)(nil), FieldPath:"", OptionalOldSelf:(*bool)(nil)}: compilation failed: ERROR: <input>: undefined field 'q'`,
    ],
    [
      'that names an unknown field of an item',
      { rule: 'self.items.all(i, i.q == 1)' },
      `rule: Invalid value: apiextensions.ValidationRule{Rule:"self.items.all(i, i.q == 1)", Message:"", MessageExpression:"", Reason:(*apiextensions.FieldValueErrorReason)(nil), FieldPath:"", OptionalOldSelf:(*bool)(nil)}: compilation failed: ERROR: <input>: undefined field 'q'`,
    ],
    [
      'that names an unknown variable',
      { rule: 'other == 1' },
      `rule: Invalid value: apiextensions.ValidationRule{Rule:"other == 1", Message:"", MessageExpression:"", Reason:(*apiextensions.FieldValueErrorReason)(nil), FieldPath:"", OptionalOldSelf:(*bool)(nil)}: compilation failed: ERROR: <input>: undeclared reference to 'other' (in container '')`,
    ],
    [
      'that calls an unknown function',
      { rule: 'frob(self.n)' },
      `rule: Invalid value: apiextensions.ValidationRule{Rule:"frob(self.n)", Message:"", MessageExpression:"", Reason:(*apiextensions.FieldValueErrorReason)(nil), FieldPath:"", OptionalOldSelf:(*bool)(nil)}: compilation failed: ERROR: <input>: undeclared reference to 'frob' (in container '')`,
    ],
    [
      'with a message of several lines',
      { rule: 'true', message: 'a\nb' },
      'message: Invalid value: "a\\nb": message must not contain line breaks',
    ],
    [
      'with an unknown reason',
      { rule: 'true', reason: 'Because' },
      'reason: Unsupported value: "Because": supported values: "FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"',
    ],
    [
      'with a path that leads nowhere',
      { rule: 'true', fieldPath: '.q' },
      'fieldPath: Invalid value: ".q": fieldPath must be a valid path',
    ],
    [
      'with an optional oldSelf',
      { rule: 'true', optionalOldSelf: true },
      'optionalOldSelf: Forbidden: optional values are not served by this server',
    ],
  ])('%s', (_name, rule, expected) => {
    const schema = compile(rule);
    const path = 'spec.validation.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].';
    expect(schema.ok ? [] : schema.error.map(({ field, message }) => `${field}: ${message}`)).toEqual([
      path + expected,
    ]);
  });

  test('with oldSelf inside a list whose items cannot be compared', () => {
    const schema = compileCrdSchema({
      type: 'object',
      properties: {
        list: {
          type: 'array',
          items: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] },
        },
      },
    });
    expect(schema.ok ? '' : schema.error[0]!.message).toContain(
      'oldSelf cannot be used on the uncorrelatable portion of the schema',
    );
  });

  test('where it is too long or nests too deep to parse', () => {
    expect(compile({ rule: `${'('.repeat(8000)}true${')'.repeat(8000)}` }).ok).toBe(false);
    expect(compile({ rule: `true${' && true'.repeat(3000)}` }).ok).toBe(false);
  });
});
