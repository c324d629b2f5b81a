import { goSyntax, GoText } from './go-print.ts';
import type { JsonValue } from './json.ts';

/** What is wrong with a field: apimachinery's `field.ErrorType`, by the name that Status causes carry as reason. */
export type FieldErrorReason =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueTypeInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueNotFound'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany';

/** One field that is wrong, worded as Kubernetes words it. */
export interface FieldError {
  readonly reason: FieldErrorReason;
  /** `spec.containers[0].name`, or `<nil>` for the object itself. */
  readonly field: string;
  /** Without the field: `Invalid value: "x": must be …`. */
  readonly message: string;
}

/** A cause in `Status.details.causes`. */
export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** A value that must be given and is not. */
export function required(field: string, detail = ''): FieldError {
  return make('FieldValueRequired', field, 'Required value', detail);
}

/** A value that breaks a rule. */
export function invalid(field: string, value: JsonValue | GoText, detail: string): FieldError {
  return make('FieldValueInvalid', field, `Invalid value: ${printValue(value)}`, detail);
}

/** A value of the wrong type. */
export function typeInvalid(field: string, value: JsonValue, detail: string): FieldError {
  return make('FieldValueTypeInvalid', field, `Invalid value: ${printValue(value)}`, detail);
}

/** A value outside of a closed list. */
export function notSupported(
  field: string,
  value: JsonValue | GoText,
  supported: readonly JsonValue[],
): FieldError {
  const listed = supported.map((item) =>
    JSON.stringify(typeof item === 'string' ? item : JSON.stringify(item)),
  );
  const detail = listed.length === 0 ? '' : `supported values: ${listed.join(', ')}`;
  return make('FieldValueNotSupported', field, `Unsupported value: ${printValue(value)}`, detail);
}

/** A value that may occur once and occurs again. */
export function duplicate(field: string, value: JsonValue): FieldError {
  return make('FieldValueDuplicate', field, `Duplicate value: ${printValue(value)}`, '');
}

/** A value that is fine in itself but not allowed here. */
export function forbidden(field: string, detail: string): FieldError {
  return make('FieldValueForbidden', field, 'Forbidden', detail);
}

/** A reference to something that is not there. */
export function notFound(field: string, value: JsonValue): FieldError {
  return make('FieldValueNotFound', field, `Not found: ${printValue(value)}`, '');
}

/** A text that is too long; the text itself is not repeated. */
export function tooLong(field: string, maxBytes: number): FieldError {
  return make('FieldValueTooLong', field, 'Too long', `may not be more than ${maxBytes} bytes`);
}

/** A list or map with too many entries. */
export function tooMany(field: string, actual: number, max: number): FieldError {
  return make('FieldValueTooMany', field, `Too many: ${actual}`, `must have at most ${max} items`);
}

/** Prints a value as error messages show it: scalars bare, strings quoted, the rest as Go writes it. */
function printValue(value: JsonValue | GoText): string {
  if (value instanceof GoText) return value.text;
  return value === null ? '"null"' : goSyntax(value);
}

/** Puts a name behind a path: `spec` and `ports` give `spec.ports`. */
export function child(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function make(reason: FieldErrorReason, field: string, head: string, detail: string): FieldError {
  return {
    reason,
    field: field === '' ? '<nil>' : field,
    message: detail === '' ? head : `${head}: ${detail}`,
  };
}
