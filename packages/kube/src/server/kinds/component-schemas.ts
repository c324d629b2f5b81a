import { readFileSync } from 'node:fs';
import type { JsonObject, JsonValue } from '../schema/json.ts';
import type { SchemaType, StructuralSchema } from '../schema/structural-schema.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const REF_PREFIX = '#/components/schemas/';

/** Components whose OpenAPI text says less than the type means. */
const SPECIAL: Readonly<Record<string, StructuralSchema>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { intOrString: true, format: 'int-or-string' },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { intOrString: true, format: 'quantity' },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': {
    type: 'object',
    preserveUnknownFields: true,
    mapType: 'atomic',
  },
  // Go writes null of a time that nobody has said.
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': { type: 'string', format: 'date-time', nullable: true },
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': { type: 'object', preserveUnknownFields: true },
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON': { preserveUnknownFields: true },
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray': {
    preserveUnknownFields: true,
  },
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool': {
    preserveUnknownFields: true,
  },
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray': {
    preserveUnknownFields: true,
  },
};

let loaded: Readonly<Record<string, JsonObject>> | undefined;
const compiled = new Map<string, StructuralSchema>();

/** Kubernetes' own OpenAPI v3 components of the built-in kinds, by name, as Kubernetes 1.32 publishes them. */
export function kubernetesComponents(): Readonly<Record<string, JsonObject>> {
  loaded ??= Object.fromEntries(
    readFileSync(new URL('./kubernetes-v1.32-schemas.jsonl', import.meta.url), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as [string, JsonObject]),
  );
  return loaded;
}

/**
 * The structural schema of a built-in component such as `io.k8s.api.core.v1.Pod`. Fields that OpenAPI calls
 * required are not required here: built-in kinds say that in their own validation, as Kubernetes does.
 */
export function componentSchema(name: string): StructuralSchema {
  const known = compiled.get(name);
  if (known) return known;
  const special = Object.hasOwn(SPECIAL, name) ? SPECIAL[name] : undefined;
  if (special) return special;
  const source = kubernetesComponents()[name];
  if (!source) throw new Error(`no built-in component ${name}`);
  // Registered before it is filled: JSONSchemaProps refers to itself.
  const schema: Mutable<StructuralSchema> = {};
  compiled.set(name, schema);
  Object.assign(schema, compile(source), { component: name });
  return schema;
}

function compile(source: JsonObject): StructuralSchema {
  const reference = referenceOf(source);
  const base = reference === undefined ? shapeOf(source) : componentSchema(reference);
  const schema: Mutable<StructuralSchema> = reference === undefined ? { ...base } : aliasOf(base);
  copy(source, schema, 'description', 'description');
  copy(source, schema, 'default', 'default');
  copy(source, schema, 'format', 'format');
  copy(source, schema, 'enum', 'enum');
  copy(source, schema, 'x-kubernetes-list-type', 'listType');
  copy(source, schema, 'x-kubernetes-list-map-keys', 'listMapKeys');
  copy(source, schema, 'x-kubernetes-map-type', 'mapType');
  copy(source, schema, 'x-kubernetes-patch-merge-key', 'patchMergeKey');
  copy(source, schema, 'x-kubernetes-patch-strategy', 'patchStrategy');
  return schema;
}

function shapeOf(source: JsonObject): Mutable<StructuralSchema> {
  const schema: Mutable<StructuralSchema> = {};
  if (typeof source['type'] === 'string') schema.type = source['type'] as SchemaType;
  else schema.preserveUnknownFields = true;
  const properties = source['properties'] as Record<string, JsonObject> | undefined;
  if (properties) {
    schema.properties = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, compile(property)]),
    );
  }
  if (source['items']) schema.items = compile(source['items'] as JsonObject);
  const values = source['additionalProperties'];
  if (values !== undefined)
    schema.additionalProperties = values === true ? true : compile(values as JsonObject);
  return schema;
}

/**
 * A copy that the place of use may describe anew. Its shape is read through to the component, which may
 * be unfinished when it refers to itself.
 */
function aliasOf(base: StructuralSchema): Mutable<StructuralSchema> {
  const alias: Mutable<StructuralSchema> = {};
  for (const key of ['type', 'properties', 'items', 'additionalProperties', 'component'] as const) {
    Object.defineProperty(alias, key, {
      get: () => base[key],
      set: (value: unknown) => {
        Object.defineProperty(alias, key, { value, writable: true, enumerable: true });
      },
      enumerable: true,
      configurable: true,
    });
  }
  for (const key of ['intOrString', 'preserveUnknownFields', 'format', 'mapType', 'nullable'] as const) {
    if (base[key] !== undefined) Object.assign(alias, { [key]: base[key] });
  }
  return alias;
}

function referenceOf(source: JsonObject): string | undefined {
  const direct = source['$ref'];
  if (typeof direct === 'string') return direct.slice(REF_PREFIX.length);
  const all = source['allOf'];
  if (!Array.isArray(all) || all.length !== 1) return undefined;
  const inner = (all[0] as JsonObject)['$ref'];
  return typeof inner === 'string' ? inner.slice(REF_PREFIX.length) : undefined;
}

function copy(
  source: JsonObject,
  schema: Mutable<StructuralSchema>,
  from: string,
  to: keyof StructuralSchema,
): void {
  const value: JsonValue | undefined = source[from];
  if (value !== undefined) Object.assign(schema, { [to]: value });
}
