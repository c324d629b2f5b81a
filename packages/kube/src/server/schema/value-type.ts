import { typeInvalid, type FieldError } from './field-error.ts';
import { printFieldPath, type FieldPath } from './field-path.ts';
import type { JsonValue } from './json.ts';
import type { SchemaType } from './structural-schema.ts';

/** Checks a value, adding what is wrong with it to a list. */
export type Check = (value: JsonValue, at: FieldPath | undefined, errors: FieldError[]) => void;

/** The word for a value's own type. */
export function typeOf(value: JsonValue): SchemaType | 'null' {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value as 'object' | 'string' | 'boolean';
}

/** The error of a value whose type is wrong, with the name of the type in the value's place. */
export function wrongType(expected: string, value: JsonValue, at: FieldPath | undefined): FieldError {
  const field = printFieldPath(at);
  const actual = typeOf(value);
  return typeInvalid(
    field,
    actual,
    `${field} in body must be of type ${expected}: ${JSON.stringify(actual)}`,
  );
}
