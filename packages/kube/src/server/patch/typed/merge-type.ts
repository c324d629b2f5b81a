import type { JsonValue } from '../../schema/json.ts';
import type { StructuralSchema } from '../../schema/structural-schema.ts';
import { fieldElement, type PathElement } from '../field-set/path-element.ts';

/**
 * How values of a schema are merged and owned (structured-merge-diff `schema.Atom`). A type may allow a scalar, a list
 * and a map at once; which one applies is told by the value.
 */
export interface MergeType {
  scalar: ScalarType | undefined;
  list: ListType | undefined;
  map: MapType | undefined;
}

export type ScalarType = 'numeric' | 'string' | 'boolean' | 'untyped';

export interface ListType {
  /** Owned and replaced as a whole, or item by item. */
  atomic: boolean;
  /** Fields that tell items apart, sorted; empty for a set. */
  keys: readonly string[];
  /** What a missing key counts as. */
  keyDefaults: ReadonlyMap<string, JsonValue>;
  items: MergeType;
}

export interface MapType {
  atomic: boolean;
  fields: ReadonlyMap<string, FieldType>;
  /** Type of the values of other keys; absent where the schema knows all of them. */
  elements: MergeType | undefined;
}

/** A field of a struct, with its path element made once. */
export interface FieldType {
  element: PathElement;
  type: MergeType;
}

/** Values without a schema: maps are merged, lists are replaced. */
export const deducedType: MergeType = { scalar: 'untyped', list: undefined, map: undefined };
const atomicType: MergeType = { scalar: 'untyped', list: undefined, map: undefined };
atomicType.list = { atomic: true, keys: [], keyDefaults: new Map(), items: atomicType };
atomicType.map = { atomic: true, fields: new Map(), elements: atomicType };
deducedType.list = { atomic: true, keys: [], keyDefaults: new Map(), items: atomicType };
deducedType.map = { atomic: false, fields: new Map(), elements: deducedType };

const compiled = new WeakMap<StructuralSchema, MergeType>();
const compiledPreserving = new WeakMap<StructuralSchema, MergeType>();

/** The merge type of a schema, made once for each schema. */
export function mergeTypeOf(schema: StructuralSchema): MergeType {
  return compile(schema, false);
}

/** `preserving` holds below a field with preserveUnknownFields: objects there have unknown fields, too. */
function compile(schema: StructuralSchema, inherited: boolean): MergeType {
  const preserving = schema.preserveUnknownFields === true || (inherited && schema.component === undefined);
  const cache = preserving ? compiledPreserving : compiled;
  const known = cache.get(schema);
  if (known) return known;
  const type: MergeType = { scalar: undefined, list: undefined, map: undefined };
  // Entered first, so that a schema that refers to itself finds itself.
  cache.set(schema, type);
  switch (schema.type) {
    case 'object':
      type.map = compileMap(schema, preserving);
      break;
    case 'array':
      type.list = compileList(schema, preserving);
      break;
    case 'integer':
    case 'number':
      type.scalar = 'numeric';
      break;
    case 'boolean':
      type.scalar = 'boolean';
      break;
    case 'string':
      type.scalar = schema.format === undefined || schema.format === 'byte' ? 'string' : 'untyped';
      break;
    case undefined:
      type.scalar = 'untyped';
      if (schema.intOrString !== true) {
        type.list = compileList(schema, preserving);
        type.map = compileMap(schema, preserving);
      }
      break;
  }
  return type;
}

function compileMap(schema: StructuralSchema, preserving: boolean): MapType {
  const fields = new Map<string, FieldType>();
  for (const name of Object.keys(schema.properties ?? {})) {
    fields.set(name, { element: fieldElement(name), type: compile(schema.properties![name]!, preserving) });
  }
  return {
    atomic: schema.mapType === 'atomic',
    fields,
    elements: elementsOf(schema, preserving, fields.size),
  };
}

function elementsOf(schema: StructuralSchema, preserving: boolean, nFields: number): MergeType | undefined {
  const additional = schema.additionalProperties;
  if (additional === true) return deducedType;
  if (additional !== undefined) return compile(additional, preserving);
  return preserving || nFields === 0 ? deducedType : undefined;
}

function compileList(schema: StructuralSchema, preserving: boolean): ListType {
  const items = schema.items === undefined ? deducedType : compile(schema.items, preserving);
  if (schema.listType === 'set') return { atomic: false, keys: [], keyDefaults: new Map(), items };
  if (schema.listType !== 'map') return { atomic: true, keys: [], keyDefaults: new Map(), items };
  const keyDefaults = new Map<string, JsonValue>();
  for (const key of schema.listMapKeys ?? []) {
    const value = keyDefault(schema.items, key);
    if (value !== undefined) keyDefaults.set(key, value);
  }
  return { atomic: false, keys: [...(schema.listMapKeys ?? [])].toSorted(), keyDefaults, items };
}

/** A built-in kind's required key that is missing counts as its zero value, as it does when Go decodes it. */
function keyDefault(items: StructuralSchema | undefined, key: string): JsonValue | undefined {
  const field = items?.properties?.[key];
  if (field?.default !== undefined) return field.default;
  if (items?.component === undefined || items.required?.includes(key) !== true) return undefined;
  if (field?.type === 'string') return '';
  return field?.type === 'integer' ? 0 : undefined;
}
