import { goStrings } from './go-print.ts';
import { child, forbidden, invalid, notSupported, required, type FieldError } from './field-error.ts';
import { getOwn, isJsonObject, type JsonObject, type JsonValue } from './json.ts';

/** Types that OpenAPI v3 knows. */
export const openApiTypes = ['array', 'boolean', 'integer', 'number', 'object', 'string'];

const numberFields = ['minimum', 'maximum', 'multipleOf'];
const countFields = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'];
const textFields = [
  'type',
  'title',
  'description',
  'format',
  'pattern',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
];
const boolFields = [
  'nullable',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'uniqueItems',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
];
const textListFields = ['required', 'x-kubernetes-list-map-keys'];
const listFields = ['enum', 'allOf', 'anyOf', 'oneOf', 'x-kubernetes-validations'];
const unsupportedFields = [
  'id',
  'additionalItems',
  'patternProperties',
  'definitions',
  'dependencies',
  '$ref',
];

/** One level of a schema that a person wrote: which field, and what is wrong with it. */
export interface SchemaNode {
  readonly path: string;
  readonly json: JsonObject;
}

/** Reads the value of a keyword. */
export function keyword(node: SchemaNode, name: string): JsonValue | undefined {
  return getOwn(node.json, name);
}

/** Reads a text; '' where there is none. */
export function textOf(node: SchemaNode, name: string): string {
  const value = keyword(node, name);
  return typeof value === 'string' ? value : '';
}

/** The schema under a keyword, if one stands there. */
export function childNode(node: SchemaNode, name: string): SchemaNode | undefined {
  const json = keyword(node, name);
  return isJsonObject(json) ? { path: child(node.path, name), json } : undefined;
}

/** The schemas of a keyword that holds a list: allOf, anyOf, oneOf. */
export function listNodes(node: SchemaNode, name: string): SchemaNode[] {
  const value = keyword(node, name);
  if (!Array.isArray(value)) return [];
  return value.flatMap((json, index) =>
    isJsonObject(json) ? [{ path: `${child(node.path, name)}[${index}]`, json }] : [],
  );
}

/** The schemas of `properties`, by name, sorted. */
export function propertyNodes(node: SchemaNode): [string, SchemaNode][] {
  const properties = keyword(node, 'properties');
  if (!isJsonObject(properties)) return [];
  const path = child(node.path, 'properties');
  return Object.keys(properties)
    .toSorted()
    .flatMap((name): [string, SchemaNode][] => {
      const json = properties[name];
      return isJsonObject(json) ? [[name, { path: `${path}[${name}]`, json }]] : [];
    });
}

/** Checks that the keywords of one level have values of the right types, and that none is forbidden in a CRD. */
export function checkKeywords({ path, json }: SchemaNode): FieldError[] {
  const errors: FieldError[] = [];
  const check = (names: readonly string[], expected: string, holds: (value: JsonValue) => boolean) => {
    for (const name of names) {
      const value = getOwn(json, name);
      if (value !== undefined && value !== null && !holds(value)) {
        errors.push(invalid(child(path, name), value, `must be ${expected}`));
      }
    }
  };
  check(textFields, 'a string', (value) => typeof value === 'string');
  check(boolFields, 'a boolean', (value) => typeof value === 'boolean');
  check(numberFields, 'a number', (value) => typeof value === 'number');
  check(countFields, 'a non-negative integer', (value) => Number.isSafeInteger(value) && Number(value) >= 0);
  check(
    textListFields,
    'a list of strings',
    (value) => Array.isArray(value) && value.every((item) => typeof item === 'string'),
  );
  check(listFields, 'a list', (value) => Array.isArray(value));
  check(['properties'], 'an object', isJsonObject);
  check(['not'], 'a schema', isJsonObject);
  check(
    ['additionalProperties'],
    'a schema or a boolean',
    (value) => typeof value === 'boolean' || isJsonObject(value),
  );
  for (const name of unsupportedFields) {
    if (getOwn(json, name) !== undefined)
      errors.push(forbidden(child(path, name), `${name} is not supported`));
  }
  return [...errors, ...checkShape({ path, json })];
}

function checkShape({ path, json }: SchemaNode): FieldError[] {
  const errors: FieldError[] = [];
  const type = getOwn(json, 'type');
  if (type === 'null') {
    errors.push(forbidden(child(path, 'type'), 'type cannot be set to null, use nullable as an alternative'));
  } else if (typeof type === 'string' && type !== '' && !openApiTypes.includes(type)) {
    errors.push(notSupported(child(path, 'type'), type, openApiTypes));
  }
  const items = getOwn(json, 'items');
  if (items !== undefined && !isJsonObject(items)) {
    errors.push(forbidden(child(path, 'items'), 'items must be a schema object and not an array'));
  }
  if (getOwn(json, 'uniqueItems') === true) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic';
    errors.push(forbidden(child(path, 'uniqueItems'), why));
  }
  const properties = getOwn(json, 'properties');
  const additional = getOwn(json, 'additionalProperties');
  if (
    isJsonObject(properties) &&
    Object.keys(properties).length > 0 &&
    additional !== undefined &&
    additional !== true
  ) {
    const why = 'additionalProperties and properties are mutual exclusive';
    errors.push(forbidden(child(path, 'additionalProperties'), why));
  }
  if (getOwn(json, 'x-kubernetes-preserve-unknown-fields') === false) {
    errors.push(
      invalid(child(path, 'x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined'),
    );
  }
  return [...errors, ...checkMapType({ path, json }), ...checkListType({ path, json })];
}

function checkMapType({ path, json }: SchemaNode): FieldError[] {
  const mapType = getOwn(json, 'x-kubernetes-map-type');
  if (typeof mapType !== 'string') return [];
  const errors = wrongType({ path, json }, 'object', 'x-kubernetes-map-type');
  if (mapType !== 'atomic' && mapType !== 'granular') {
    errors.push(notSupported(child(path, 'x-kubernetes-map-type'), mapType, ['atomic', 'granular']));
  }
  return errors;
}

function checkListType(node: SchemaNode): FieldError[] {
  const { path, json } = node;
  const listType = getOwn(json, 'x-kubernetes-list-type');
  const keys = getOwn(json, 'x-kubernetes-list-map-keys');
  const hasKeys = Array.isArray(keys) && keys.length > 0;
  const at = child(path, 'x-kubernetes-list-type');
  if (typeof listType !== 'string') {
    return hasKeys ? [required(at, 'must be map if x-kubernetes-list-map-keys is non-empty')] : [];
  }
  const errors = wrongType(node, 'array', 'x-kubernetes-list-type');
  if (!['atomic', 'set', 'map'].includes(listType)) {
    errors.push(notSupported(at, listType, ['atomic', 'set', 'map']));
  }
  if (hasKeys && listType !== 'map') {
    errors.push(invalid(at, listType, 'must be map if x-kubernetes-list-map-keys is non-empty'));
  }
  const items = childNode(node, 'items');
  if (items && (listType === 'set' || listType === 'map') && keyword(items, 'nullable') === true) {
    errors.push(
      forbidden(
        child(items.path, 'nullable'),
        `cannot be nullable when x-kubernetes-list-type is ${listType}`,
      ),
    );
  }
  if (listType === 'set' && items) errors.push(...checkSetItems(items));
  if (listType === 'map') errors.push(...checkMapKeys(node, items, hasKeys ? keys : []));
  return errors;
}

function checkSetItems(items: SchemaNode): FieldError[] {
  const why = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const listType = textOf(items, 'x-kubernetes-list-type');
  const mapType = textOf(items, 'x-kubernetes-map-type');
  if (textOf(items, 'type') === 'array' && listType !== '' && listType !== 'atomic') {
    return [invalid(child(items.path, 'x-kubernetes-list-type'), listType, why)];
  }
  if (textOf(items, 'type') === 'object' && mapType !== 'atomic') {
    return [invalid(child(items.path, 'x-kubernetes-map-type'), mapType, why)];
  }
  return [];
}

function checkMapKeys(
  node: SchemaNode,
  items: SchemaNode | undefined,
  keys: readonly JsonValue[],
): FieldError[] {
  const at = child(node.path, 'x-kubernetes-list-map-keys');
  if (keys.length === 0) return [required(at, 'must not be empty if x-kubernetes-list-type is map')];
  if (!items)
    return [required(child(node.path, 'items'), 'must have a schema if x-kubernetes-list-type is map')];
  if (textOf(items, 'type') !== 'object') {
    const why = "must be object if parent array's x-kubernetes-list-type is map";
    return [invalid(child(items.path, 'type'), textOf(items, 'type'), why)];
  }
  const errors: FieldError[] = [];
  if (new Set(keys).size < keys.length)
    errors.push(invalid(at, goStrings(keys), 'must not contain duplicate entries'));
  const properties = new Map(propertyNodes(items));
  const needed = keyword(items, 'required');
  for (const key of keys) {
    const property = typeof key === 'string' ? properties.get(key) : undefined;
    if (!property) {
      errors.push(invalid(at, goStrings(keys), 'entries must all be names of item properties'));
      continue;
    }
    errors.push(...checkMapKey(property, Array.isArray(needed) && needed.includes(key)));
  }
  return errors;
}

function checkMapKey(property: SchemaNode, isRequired: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const type = textOf(property, 'type');
  if (type === 'array' || type === 'object') {
    const why = "must be a scalar type if parent array's x-kubernetes-list-type is map";
    errors.push(invalid(child(property.path, 'type'), type, why));
  }
  if (!isRequired && keyword(property, 'default') === undefined) {
    const why =
      'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property';
    errors.push(required(child(property.path, 'default'), why));
  }
  if (keyword(property, 'nullable') === true) {
    const why = 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable';
    errors.push(forbidden(child(property.path, 'nullable'), why));
  }
  return errors;
}

function wrongType({ path, json }: SchemaNode, type: string, extension: string): FieldError[] {
  const actual = getOwn(json, 'type');
  if (actual === type) return [];
  const why = `must be ${type} if ${extension} is specified`;
  const at = child(path, 'type');
  return [typeof actual === 'string' && actual !== '' ? invalid(at, actual, why) : required(at, why)];
}
