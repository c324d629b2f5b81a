import { isJsonObject, type JsonObject, type JsonValue } from '../../schema/json.ts';
import type { MergeType } from './merge-type.ts';

/**
 * Tells which part of a type applies: the one of the value's own kind, if the type has it; else the first that the
 * type has, and validation is what fails (structured-merge-diff `deduceAtom`).
 */
export function atomOf(type: MergeType, value: JsonValue | undefined): 'map' | 'list' | 'scalar' {
  if (value !== undefined && value !== null) {
    if (typeof value !== 'object') {
      if (type.scalar) return 'scalar';
    } else if (Array.isArray(value)) {
      if (type.list) return 'list';
    } else if (type.map) return 'map';
  }
  if (type.map) return 'map';
  return type.scalar ? 'scalar' : 'list';
}

/** The value as a map; undefined where there is none, or null. */
export function asMap(value: JsonValue | undefined): JsonObject | undefined {
  return isJsonObject(value) ? value : undefined;
}

/** The value as a list; undefined where there is none, or null. */
export function asList(value: JsonValue | undefined): JsonValue[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

/** Whether a map or list is absent, null or empty: such values are owned as leaves. */
export function isBare(value: JsonObject | JsonValue[] | undefined): boolean {
  if (value === undefined) return true;
  if (Array.isArray(value)) return value.length === 0;
  for (const key in value) if (Object.hasOwn(value, key)) return false;
  return true;
}
