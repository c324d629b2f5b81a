import { printFieldPath, type FieldPath } from './field-path.ts';
import { setOwn, type JsonObject, type JsonValue } from './json.ts';
import type { StructuralSchema } from './structural-schema.ts';

/** A value without what its schema does not know. */
export interface Pruned {
  /** The value itself where nothing was taken out. */
  readonly value: JsonValue;
  /** Paths of unknown fields that were taken out, in the order of the object. */
  readonly unknownFields: readonly string[];
}

/**
 * Takes out fields that a schema does not specify, except below `preserveUnknownFields`, where only what is specified
 * again is looked into (Kubernetes "Field pruning"), and nulls of fields that may not be null, unless a default takes
 * their place ("Defaulting and Nullable"). The argument is not changed.
 */
export function prune(schema: StructuralSchema, value: JsonValue): Pruned {
  const unknownFields: string[] = [];
  return { value: pruneValue(schema, value, undefined, unknownFields), unknownFields };
}

/** What `fieldValidation=Warn` and `Strict` say of unknown fields. */
export function describeUnknownFields(unknownFields: readonly string[]): string[] {
  return unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`);
}

function pruneValue(
  schema: StructuralSchema,
  value: JsonValue,
  at: FieldPath | undefined,
  unknown: string[],
): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return schema.items ? pruneList(schema.items, value, at, unknown) : value;
  if (isOpen(schema) && !schema.properties) return value;
  return pruneObject(schema, value, at, unknown);
}

function pruneList(
  items: StructuralSchema,
  list: JsonValue[],
  at: FieldPath | undefined,
  unknown: string[],
): JsonValue {
  let pruned: JsonValue[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const item = list[index]!;
    const kept =
      typeof item === 'object' && item !== null
        ? pruneValue(items, item, { parent: at, step: index }, unknown)
        : item;
    if (kept !== item) pruned ??= [...list];
    if (pruned) pruned[index] = kept;
  }
  return pruned ?? list;
}

function pruneObject(
  schema: StructuralSchema,
  object: JsonObject,
  at: FieldPath | undefined,
  unknown: string[],
): JsonValue {
  let changed = false;
  const kept: [string, JsonValue][] = [];
  for (const name of Object.keys(object)) {
    const item = object[name]!;
    const field = fieldOf(schema, name);
    if (field === undefined) {
      changed = true;
      unknown.push(printFieldPath({ parent: at, step: name }));
      continue;
    }
    if (item === null && field !== true && field.nullable !== true && field.default === undefined) {
      changed = true;
      continue;
    }
    const inner =
      field === true || typeof item !== 'object' || item === null
        ? item
        : pruneValue(field, item, { parent: at, step: name }, unknown);
    if (inner !== item) changed = true;
    kept.push([name, inner]);
  }
  if (!changed) return object;
  const pruned: JsonObject = {};
  for (const [name, item] of kept) setOwn(pruned, name, item);
  return pruned;
}

/** The schema of a field, `true` for a field that is kept as it is, undefined for one that is unknown. */
function fieldOf(schema: StructuralSchema, name: string): StructuralSchema | true | undefined {
  const { properties, additionalProperties } = schema;
  if (properties && Object.hasOwn(properties, name)) return properties[name];
  if (additionalProperties !== undefined) return additionalProperties;
  return isOpen(schema) ? true : undefined;
}

function isOpen(schema: StructuralSchema): boolean {
  return schema.preserveUnknownFields === true;
}
