import type { JsonObject, JsonValue } from '../schema/json.ts';
import { getOwn, isJsonObject, setOwn } from '../schema/json.ts';

const V3_PREFIX = '#/components/schemas/';
const OBJECT_META = '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const META_PROPERTIES: JsonObject = {
  apiVersion: {
    description:
      'apiVersion defines the versioned schema of this representation of an object. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#resources',
    type: 'string',
  },
  kind: {
    description:
      'kind is a string value representing the type of this object. In CamelCase. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#types-kinds',
    type: 'string',
  },
  metadata: { $ref: OBJECT_META, description: "Standard object's metadata." },
};

/** Keywords that mean the same in both versions; others have no place in v2, and defaults are not published in it. */
const KEPT = new Set([
  'description',
  'enum',
  'exclusiveMaximum',
  'exclusiveMinimum',
  'format',
  'maxItems',
  'maxLength',
  'maxProperties',
  'maximum',
  'minItems',
  'minLength',
  'minProperties',
  'minimum',
  'multipleOf',
  'pattern',
  'required',
  'title',
  'type',
  'uniqueItems',
]);

/** Components that v2 gives a type because it cannot say "one of". */
const STRING_IN_V2 = new Set([
  'io.k8s.apimachinery.pkg.api.resource.Quantity',
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
]);

/** Turns a component of OpenAPI v3 into the v2 definition that kube-apiserver publishes of it. */
export function definitionOf(name: string, component: JsonObject): JsonObject {
  // kubectl would refuse every field that it is not told of.
  if (component['x-kubernetes-preserve-unknown-fields'] === true) {
    const kinds = component['x-kubernetes-group-version-kind'];
    return { type: 'object', ...(kinds !== undefined && { 'x-kubernetes-group-version-kind': kinds }) };
  }
  const definition = toV2(component);
  return STRING_IN_V2.has(name) ? { ...definition, type: 'string' } : definition;
}

/** What v2 cannot say is left out, in such a way that kubectl refuses nothing that is valid (`ToStructuralOpenAPIV2`). */
function toV2(schema: JsonObject): JsonObject {
  const result: JsonObject = {};
  const nullable = schema['nullable'] === true;
  const open = schema['x-kubernetes-preserve-unknown-fields'] === true;
  for (const [key, value] of Object.entries(schema)) {
    if (KEPT.has(key) || key.startsWith('x-')) result[key] = value;
    else if (key === '$ref' || key === 'allOf') copyReference(key, value, result);
    else if (key === 'additionalProperties') result[key] = isJsonObject(value) ? toV2(value) : value;
    else if (nullable || open) continue;
    else if (key === 'items' && isJsonObject(value)) result[key] = toV2(value);
    else if (key === 'properties' && isJsonObject(value)) result[key] = mapValues(value, toV2);
  }
  const { type } = result;
  if (nullable || (open && type === 'object') || (type === 'array' && !result['items']))
    delete result['type'];
  dropNullableFromRequired(schema, result);
  if (schema['x-kubernetes-embedded-resource'] === true && !open) embed(result);
  return result;
}

/** A lone reference inside `allOf` is how v3 describes it anew; v2 puts the description beside it. */
function copyReference(key: string, value: JsonValue, result: JsonObject): void {
  const [only, ...others] = key === 'allOf' && Array.isArray(value) ? value : [{ $ref: value }];
  const target = isJsonObject(only) ? only['$ref'] : undefined;
  if (others.length > 0 || typeof target !== 'string' || !target.startsWith(V3_PREFIX)) return;
  result['$ref'] = `#/definitions/${target.slice(V3_PREFIX.length)}`;
}

function dropNullableFromRequired(schema: JsonObject, result: JsonObject): void {
  const { required, additionalProperties, properties } = schema;
  if (!Array.isArray(required)) return;
  const isNullable = (value: JsonValue | undefined) => isJsonObject(value) && value['nullable'] === true;
  const left = isNullable(additionalProperties)
    ? []
    : required.filter(
        (name) =>
          !isJsonObject(properties) || typeof name !== 'string' || !isNullable(getOwn(properties, name)),
      );
  if (left.length === 0) delete result['required'];
  else result['required'] = left;
}

function embed(result: JsonObject): void {
  const before = result['properties'];
  const required = Array.isArray(result['required']) ? result['required'] : [];
  result['properties'] = { ...(isJsonObject(before) && before), ...META_PROPERTIES };
  result['required'] = [...required, ...['kind', 'apiVersion'].filter((name) => !required.includes(name))];
}

function mapValues(object: JsonObject, change: (value: JsonObject) => JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const [key, value] of Object.entries(object)) {
    if (isJsonObject(value)) setOwn(result, key, change(value));
  }
  return result;
}
