import type { FieldError } from './field-error.ts';
import { equalJson, getOwn, isJsonObject, type JsonValue } from './json.ts';

/**
 * Lets an object be written whose schema has become stricter since: errors of fields that the write leaves as they were
 * are dropped (Kubernetes "Validation ratcheting"). Items of lists count with their whole list.
 */
export function dropUnchanged(
  errors: readonly FieldError[],
  object: JsonValue,
  old: JsonValue,
): FieldError[] {
  return errors.filter(({ field, reason }) => {
    const steps = stepsOf(field);
    // A missing field is its parent's matter.
    const path = reason === 'FieldValueRequired' ? steps?.slice(0, -1) : steps;
    return path === undefined || !isUnchanged(path, object, old);
  });
}

/** The field names of a printed path up to the first index; undefined for errors of the object as a whole. */
function stepsOf(field: string): string[] | undefined {
  if (field === '<nil>') return undefined;
  const end = field.indexOf('[');
  return (end < 0 ? field : field.slice(0, end)).split('.');
}

function isUnchanged(path: readonly string[], object: JsonValue, old: JsonValue): boolean {
  let now: JsonValue | undefined = object;
  let before: JsonValue | undefined = old;
  for (const step of path) {
    if (!isJsonObject(now) || !isJsonObject(before)) return false;
    now = getOwn(now, step);
    before = getOwn(before, step);
  }
  // Kubernetes correlates a status as a whole with what was there: nothing, which is null.
  if (path.join() === 'status' && now === null) return before === undefined;
  return now !== undefined && path.length > 0 && equalJson(now, before);
}
