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
