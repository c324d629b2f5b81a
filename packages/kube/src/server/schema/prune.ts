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
 * their place ("Defaulting and Nullable"), unless these are to be kept. The argument is not changed.
 */
export function prune(schema: StructuralSchema, value: JsonValue, keepsNulls = false): Pruned {
  const unknownFields: string[] = [];
  return { value: pruneValue(schema, value, undefined, { unknownFields, keepsNulls }), unknownFields };
}

interface Pruning {
  readonly unknownFields: string[];
  readonly keepsNulls: boolean;
}

/** What `fieldValidation=Warn` and `Strict` say of unknown fields. */
export function describeUnknownFields(unknownFields: readonly string[]): string[] {
  return unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`);
}

function pruneValue(
  schema: StructuralSchema,
  value: JsonValue,
  at: FieldPath | undefined,
  pruning: Pruning,
): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return schema.items ? pruneList(schema.items, value, at, pruning) : value;
  if (isOpen(schema) && !schema.properties) return value;
  return pruneObject(schema, value, at, pruning);
}

function pruneList(
  items: StructuralSchema,
  list: JsonValue[],
  at: FieldPath | undefined,
  pruning: Pruning,
): JsonValue {
  let pruned: JsonValue[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const item = list[index]!;
    const kept =
      typeof item === 'object' && item !== null
        ? pruneValue(items, item, { parent: at, step: index }, pruning)
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
  pruning: Pruning,
): JsonValue {
  let changed = false;
  const kept: [string, JsonValue][] = [];
  for (const name of Object.keys(object)) {
    const item = object[name]!;
    const field = fieldOf(schema, name);
    if (field === undefined) {
      changed = true;
      pruning.unknownFields.push(printFieldPath({ parent: at, step: name }));
      continue;
    }
    if (item === null && !pruning.keepsNulls && isNoNull(field)) {
      changed = true;
      continue;
    }
    const inner =
      field === true || typeof item !== 'object' || item === null
        ? item
        : pruneValue(field, item, { parent: at, step: name }, pruning);
    if (inner !== item) changed = true;
    kept.push([name, inner]);
  }
  if (!changed) return object;
  const pruned: JsonObject = {};
  for (const [name, item] of kept) setOwn(pruned, name, item);
  return pruned;
}

/** Whether null stands for nothing: it may not be there, and no default takes its place. */
function isNoNull(field: StructuralSchema | true): boolean {
  return field !== true && field.nullable !== true && field.default === undefined;
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
