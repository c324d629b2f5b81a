import { canonicalQuantity } from '../model/quantity.ts';
import { printable } from '../model/text.ts';
import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { apiVersionOf } from '../model/kube-object.ts';
import type { JsonObject, JsonValue } from '../schema/json.ts';
import { isJsonObject } from '../schema/json.ts';
import type { StructuralSchema } from '../schema/structural-schema.ts';
import { validate } from '../schema/validate.ts';
import { badRequest } from '../status/status.ts';
import { sentEmpty } from './sent-empty.ts';
import { zeroIsAbsent } from './zero-values.ts';

/**
 * Takes a request's body for an object of one kind: right group, version and kind, metadata of the right types.
 * The body is changed in place.
 *
 * @throws StatusError 400
 */
export function decodeObject(body: JsonObject, definition: ResourceDefinition): KubeObject {
  const apiVersion = apiVersionOf(definition.group, definition.version);
  const { kind } = definition;
  if (body['apiVersion'] === undefined || body['apiVersion'] === '') {
    if (!definition.builtin) throw badRequest(`Object 'apiVersion' is missing in '${excerpt(body)}'`);
    body['apiVersion'] = apiVersion;
  }
  if (body['kind'] === undefined || body['kind'] === '') {
    if (!definition.builtin) throw badRequest(`Object 'Kind' is missing in '${excerpt(body)}'`);
    body['kind'] = kind;
  }
  if (body['apiVersion'] !== apiVersion) {
    throw badRequest(
      `the API version in the data (${printable(body['apiVersion'])}) does not match the expected API version (${apiVersion})`,
    );
  }
  if (body['kind'] !== kind) {
    throw badRequest(
      `the kind in the data (${printable(body['kind'])}) does not match the expected kind (${kind})`,
    );
  }
  checkMetadata(body, definition);
  if (definition.builtin) {
    const empty = sentEmpty(body, definition);
    normalize(definition.schema, body);
    Object.assign(body, empty);
    requireTypes(definition, body);
  }
  return body as unknown as KubeObject;
}

const STRINGS = [
  'name',
  'namespace',
  'generateName',
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'deletionTimestamp',
  'selfLink',
];
const INTEGERS = ['generation', 'deletionGracePeriodSeconds'];
const STRING_MAPS = ['labels', 'annotations'];
const LISTS = ['finalizers', 'ownerReferences', 'managedFields'];

/** Brings metadata into the shape that the rest of the server relies on. Unknown fields are the schema's business. */
function checkMetadata(body: JsonObject, definition: ResourceDefinition): void {
  if (body['metadata'] === undefined || body['metadata'] === null) body['metadata'] = {};
  const { metadata } = body;
  if (!isJsonObject(metadata)) throw mismatch(definition, 'metadata', 'ObjectMeta');
  for (const key of Object.keys(metadata)) if (metadata[key] === null) delete metadata[key];
  if (metadata['resourceVersion'] === '') delete metadata['resourceVersion'];
  for (const key of STRINGS) {
    if (metadata[key] !== undefined && typeof metadata[key] !== 'string')
      throw mismatch(definition, `metadata.${key}`, 'string');
  }
  for (const key of INTEGERS) {
    if (metadata[key] !== undefined && !Number.isSafeInteger(metadata[key]))
      throw mismatch(definition, `metadata.${key}`, 'int64');
  }
  for (const key of STRING_MAPS) {
    const map = metadata[key];
    if (map === undefined) continue;
    if (!isJsonObject(map)) throw mismatch(definition, `metadata.${key}`, 'map[string]string');
    if (Object.keys(map).length === 0) delete metadata[key];
    for (const name of Object.keys(map)) {
      if (map[name] === null) map[name] = '';
      if (typeof map[name] !== 'string') throw mismatch(definition, `metadata.${key}`, 'string');
    }
  }
  for (const key of LISTS) {
    const list = metadata[key];
    if (list === undefined) continue;
    if (!Array.isArray(list)) throw mismatch(definition, `metadata.${key}`, 'slice');
    const fits = key === 'finalizers' ? (item: unknown) => typeof item === 'string' : isJsonObject;
    if (!list.every(fits))
      throw mismatch(definition, `metadata.${key}`, key === 'finalizers' ? 'string' : 'struct');
    // An empty list of managers is a wish to forget them, which custom resources lose on their way through ObjectMeta.
    if (list.length === 0 && !(key === 'managedFields' && definition.builtin)) delete metadata[key];
  }
  if (typeof metadata['name'] !== 'string') metadata['name'] = '';
}

function mismatch({ kind, version }: ResourceDefinition, field: string, type: string) {
  return badRequest(
    `${kind} in version "${version}" cannot be handled as a ${kind}: json: cannot unmarshal into Go struct field ${kind}.${field} of type ${type}`,
  );
}

/** Empty lists that Go writes though nothing requires them, and that of managers, which is a wish to forget them. */
const WRITTEN_EMPTY: ReadonlySet<string> = new Set(['managedFields', 'rules']);

/**
 * In built-in kinds null is the same as absent, as it is to Go, as are empty lists and maps that nothing requires, and
 * amounts are written in one way.
 */
function normalize(schema: StructuralSchema, value: JsonValue): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    const { items } = schema;
    if (!items) return;
    for (const [index, item] of value.entries()) {
      // Go makes an empty struct of it.
      if (item === null && items.properties) value[index] = {};
      normalize(items, value[index]!);
    }
    return;
  }
  if (schema.preserveUnknownFields) return;
  const { properties = {}, additionalProperties } = schema;
  const optional = zeroIsAbsent(schema.component);
  for (const key of Object.keys(value)) {
    const child = value[key]!;
    // Go makes an empty text of it.
    if (child === null && isText(additionalProperties) && !Object.hasOwn(properties, key)) {
      value[key] = '';
      continue;
    }
    const known = Object.hasOwn(properties, key) ? properties[key] : additionalProperties;
    // A field that is not known is told of, even where it is null.
    if (child === null && known === undefined) continue;
    if (child === null || (optional.has(key) && (child === false || child === 0 || child === ''))) {
      delete value[key];
      continue;
    }
    if (known === undefined || known === true) continue;
    if (known.format === 'quantity') value[key] = quantityOf(child);
    else {
      normalize(known, child);
      if (isLeftOut(known, child) && !WRITTEN_EMPTY.has(key) && !schema.required?.includes(key))
        delete value[key];
    }
  }
}

function isText(schema: StructuralSchema | boolean | undefined): boolean {
  return typeof schema === 'object' && schema.type === 'string' && schema.intOrString !== true;
}

/** Whether Go leaves a value out where it may: empty lists and maps, not empty structs. */
function isLeftOut({ properties, additionalProperties }: StructuralSchema, value: JsonValue): boolean {
  if (Array.isArray(value)) return value.length === 0;
  const isMap = properties === undefined && additionalProperties !== undefined;
  return isMap && isJsonObject(value) && Object.keys(value).length === 0;
}

/** Amounts have one way to be written. What is none is left to validation. */
function quantityOf(value: JsonValue): JsonValue {
  if (typeof value !== 'string' && typeof value !== 'number') return value;
  return canonicalQuantity(String(value)) ?? value;
}

function requireTypes(definition: ResourceDefinition, body: JsonObject): void {
  const wrong = validate(definition.schema, body).find(({ reason }) => reason === 'FieldValueTypeInvalid');
  if (!wrong) return;
  const { kind, version } = definition;
  throw badRequest(
    `${kind} in version "${version}" cannot be handled as a ${kind}: ${wrong.field}: ${wrong.message}`,
  );
}

function excerpt(body: JsonObject): string {
  return JSON.stringify(body).slice(0, 200);
}
