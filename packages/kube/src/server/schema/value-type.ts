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
  if (typeof value === 'number') return isInteger(value) ? 'integer' : 'number';
  return typeof value as 'object' | 'string' | 'boolean';
}

/** Whether a value is an integer of 64 bits. */
export function isInteger(value: JsonValue): boolean {
  return Number.isInteger(value) && Math.abs(value as number) < 2 ** 63;
}

/** Names of the formats that Go's numbers have of themselves. */
const ownFormats: Record<string, string> = { integer: 'int64', number: 'float64' };

/**
 * The error of a value whose type is wrong, with the name of the type in the value's place. Where a text of a format is
 * expected, formats are named instead of types.
 */
export function wrongType(
  expected: string,
  value: JsonValue,
  at: FieldPath | undefined,
  format?: string,
): FieldError {
  const field = printFieldPath(at);
  const type = typeOf(value);
  const byFormat = format !== undefined && value !== null && !Array.isArray(value);
  const actual = byFormat ? (ownFormats[type] ?? '') : type;
  const why = `${field} in body must be of type ${byFormat ? format : expected}: ${JSON.stringify(actual)}`;
  return typeInvalid(field, actual, why);
}
