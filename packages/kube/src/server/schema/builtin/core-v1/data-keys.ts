import { forbidden, invalid, type FieldError } from '../../field-error.ts';
import { equalJson, getOwn, isJsonObject, type JsonObject } from '../../json.ts';
import { checkConfigKey } from '../../names.ts';
import { valueAt } from '../printer-column.ts';

/** Checks the keys of a ConfigMap's or Secret's data, and that what is immutable stays as it is. */
export function checkDataKeys(
  object: JsonObject,
  old: JsonObject | undefined,
  fields: readonly string[],
): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of fields) {
    const data = getOwn(object, field);
    if (!isJsonObject(data)) continue;
    for (const key of Object.keys(data)) {
      errors.push(...checkConfigKey(key).map((why) => invalid(`${field}[${key}]`, key, why)));
    }
  }
  if (old?.['immutable'] === true) {
    if (getOwn(object, 'immutable') !== true)
      errors.push(forbidden('immutable', 'field is immutable when `immutable` is set'));
    for (const field of fields) {
      if (!equalJson(getOwn(object, field), getOwn(old, field))) {
        errors.push(forbidden(field, 'field is immutable when `immutable` is set'));
      }
    }
  }
  return errors;
}

/** Number of keys of an object's maps. */
export function countKeys(object: JsonObject, fields: readonly string[]): number {
  return fields.reduce((sum, field) => {
    const data = valueAt(object, field);
    return sum + (isJsonObject(data) ? Object.keys(data).length : 0);
  }, 0);
}
