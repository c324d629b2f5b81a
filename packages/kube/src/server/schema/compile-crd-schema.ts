import { objectMeta } from './builtin/meta-v1/object-meta.ts';
import { text } from './builtin/shape.ts';
import { checkValidationRules } from './cel/check-rules.ts';
import {
  checkKeywords,
  childNode,
  keyword,
  listNodes,
  propertyNodes,
  textOf,
  type SchemaNode,
} from './crd-schema-reader.ts';
import { checkDefaults } from './check-defaults.ts';
import { invalid, type FieldError } from './field-error.ts';
import { isJsonObject, type JsonValue } from './json.ts';
import { nestsDeeper } from './nesting.ts';
import { fail, ok, type Result } from './result.ts';
import { checkStructural } from './structural-rules.ts';
import type {
  NestedValidation,
  SchemaType,
  StructuralSchema,
  ValidationRule,
  ValueValidation,
} from './structural-schema.ts';

/** Levels of keywords that a schema of a custom resource may have. */
const maxSchemaDepth = 200;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Makes the structural schema of a custom resource from `openAPIV3Schema`, or says what keeps it from being one,
 * with Kubernetes' words and field paths below `path`. apiVersion, kind and metadata are added as the server
 * knows them. Defaults are checked against the schema, and the rules of `x-kubernetes-validations` are compiled.
 */
export function compileCrdSchema(
  openAPIV3Schema: unknown,
  path = 'spec.validation.openAPIV3Schema',
): Result<StructuralSchema, FieldError[]> {
  if (!isJsonObject(openAPIV3Schema)) return fail([invalid(path, '', 'must be an object')]);
  if (nestsDeeper(openAPIV3Schema, maxSchemaDepth)) {
    return fail([invalid(path, '', `must not nest deeper than ${maxSchemaDepth} levels`)]);
  }
  const root: SchemaNode = { path, json: openAPIV3Schema };
  const errors = [...checkAllKeywords(root), ...checkStructural(root)];
  if (keyword(root, 'nullable') === true) {
    errors.push({
      reason: 'FieldValueForbidden',
      field: `${path}.nullable`,
      message: 'Forbidden: nullable cannot be true at the root',
    });
  }
  if (errors.length > 0) return fail(sortErrors(errors));
  const schema = withTypeMeta(build(root));
  const late = [...checkDefaults(schema, path), ...checkValidationRules(schema, path)];
  return late.length > 0 ? fail(sortErrors(late)) : ok(schema);
}

/** A schema of anything: what a custom resource without a schema has. */
export function schemalessCrdSchema(): StructuralSchema {
  return withTypeMeta({ type: 'object', preserveUnknownFields: true });
}

function sortErrors(errors: readonly FieldError[]): FieldError[] {
  const byText = new Map(errors.map((error) => [`${error.field}: ${error.message}`, error]));
  return [...byText.keys()].toSorted().map((key) => byText.get(key)!);
}

function checkAllKeywords(node: SchemaNode): FieldError[] {
  const below = [
    ...['items', 'additionalProperties', 'not'].flatMap((name) => childNode(node, name) ?? []),
    ...['allOf', 'anyOf', 'oneOf'].flatMap((name) => listNodes(node, name)),
    ...propertyNodes(node).map(([, property]) => property),
  ];
  return [...checkKeywords(node), ...below.flatMap(checkAllKeywords)];
}

function build(node: SchemaNode): StructuralSchema {
  const schema: Mutable<StructuralSchema> = buildValidation(node);
  const type = textOf(node, 'type');
  if (type !== '') schema.type = type as SchemaType;
  const title = textOf(node, 'title');
  if (title !== '') schema.title = title;
  const description = textOf(node, 'description');
  if (description !== '') schema.description = description;
  const byDefault = keyword(node, 'default');
  if (byDefault !== undefined && byDefault !== null) schema.default = byDefault;
  if (keyword(node, 'nullable') === true) schema.nullable = true;
  const items = childNode(node, 'items');
  if (items) schema.items = build(items);
  const properties = propertyNodes(node);
  if (properties.length > 0)
    schema.properties = recordOf(properties.map(([name, property]) => [name, build(property)]));
  const additional = childNode(node, 'additionalProperties');
  if (additional) schema.additionalProperties = build(additional);
  else if (keyword(node, 'additionalProperties') === true) schema.additionalProperties = true;
  buildExtensions(node, schema);
  return schema;
}

function buildExtensions(node: SchemaNode, schema: Mutable<StructuralSchema>): void {
  if (keyword(node, 'x-kubernetes-int-or-string') === true) schema.intOrString = true;
  if (keyword(node, 'x-kubernetes-preserve-unknown-fields') === true) schema.preserveUnknownFields = true;
  const listType = textOf(node, 'x-kubernetes-list-type');
  if (listType !== '') schema.listType = listType as 'atomic' | 'set' | 'map';
  const mapType = textOf(node, 'x-kubernetes-map-type');
  if (mapType !== '') schema.mapType = mapType as 'atomic' | 'granular';
  const keys = keyword(node, 'x-kubernetes-list-map-keys');
  if (Array.isArray(keys) && keys.length > 0) schema.listMapKeys = keys.map(String);
  const rules = listNodes(node, 'x-kubernetes-validations').map(({ json }) => buildRule(json));
  if (rules.length > 0) schema.validations = rules;
  if (keyword(node, 'x-kubernetes-embedded-resource') === true) {
    schema.embeddedResource = true;
    schema.properties = typeMetaProperties(schema.properties);
  }
}

function buildRule(json: Readonly<Record<string, JsonValue>>): ValidationRule {
  const textField = (name: keyof ValidationRule) => {
    const value = json[name];
    return typeof value === 'string' && value !== '' ? { [name]: value } : {};
  };
  return {
    rule: typeof json['rule'] === 'string' ? json['rule'] : '',
    ...textField('message'),
    ...textField('messageExpression'),
    ...textField('reason'),
    ...textField('fieldPath'),
    ...(json['optionalOldSelf'] === true ? { optionalOldSelf: true } : {}),
  };
}

const numberKeywords = [
  'minLength',
  'maxLength',
  'minimum',
  'maximum',
  'multipleOf',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
] as const;

function buildValidation(node: SchemaNode): Mutable<ValueValidation> {
  const validation: Mutable<ValueValidation> = {};
  const format = textOf(node, 'format');
  // Quantities are checked in built-in kinds only.
  if (format !== '' && format !== 'quantity') validation.format = format;
  const pattern = textOf(node, 'pattern');
  if (pattern !== '') validation.pattern = pattern;
  for (const name of numberKeywords) {
    const value = keyword(node, name);
    if (typeof value === 'number') validation[name] = value;
  }
  for (const name of ['exclusiveMinimum', 'exclusiveMaximum'] as const) {
    if (keyword(node, name) === true) validation[name] = true;
  }
  const values = keyword(node, 'enum');
  if (Array.isArray(values) && values.length > 0) validation.enum = values;
  const needed = keyword(node, 'required');
  if (Array.isArray(needed) && needed.length > 0) validation.required = needed.map(String);
  for (const name of ['allOf', 'anyOf', 'oneOf'] as const) {
    const clauses = listNodes(node, name).map(buildNested);
    if (clauses.length > 0) validation[name] = clauses;
  }
  const not = childNode(node, 'not');
  if (not) validation.not = buildNested(not);
  return validation;
}

function buildNested(node: SchemaNode): NestedValidation {
  const nested: Mutable<NestedValidation> = buildValidation(node);
  const type = textOf(node, 'type');
  if (type !== '') nested.type = type as SchemaType;
  const items = childNode(node, 'items');
  if (items) nested.items = buildNested(items);
  const properties = propertyNodes(node);
  if (properties.length > 0)
    nested.properties = recordOf(properties.map(([name, property]) => [name, buildNested(property)]));
  return nested;
}

function withTypeMeta(schema: StructuralSchema): StructuralSchema {
  return { ...schema, properties: typeMetaProperties(schema.properties) };
}

/** Adds apiVersion, kind and metadata; what the CRD says of metadata's name and generateName stays. */
function typeMetaProperties(
  own: Readonly<Record<string, StructuralSchema>> = {},
): Record<string, StructuralSchema> {
  const names = own['metadata']?.properties ?? {};
  const restricted = Object.fromEntries(
    ['name', 'generateName'].filter((name) => Object.hasOwn(names, name)).map((name) => [name, names[name]!]),
  );
  return recordOf([
    ...Object.entries(own),
    ['apiVersion', own['apiVersion'] ?? text('Version of this representation of the object.')],
    ['kind', own['kind'] ?? text('Kind of the object, in CamelCase.')],
    ['metadata', Object.keys(restricted).length === 0 ? objectMeta : metadataWith(restricted)],
  ]);
}

function metadataWith(restricted: Readonly<Record<string, StructuralSchema>>): StructuralSchema {
  const { component: _shared, ...rest } = objectMeta;
  return {
    ...rest,
    properties: recordOf([...Object.entries(objectMeta.properties ?? {}), ...Object.entries(restricted)]),
  };
}

/** A record without a prototype, so that names such as `__proto__` are fields like others. */
function recordOf<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  const record = Object.create(null) as Record<string, T>;
  for (const [name, value] of entries) record[name] = value;
  return record;
}
