import type { FieldError } from '../field-error.ts';
import type { StructuralSchema } from '../structural-schema.ts';

/** Checks the form of the rules of a schema. */
export function checkValidationRules(_schema: StructuralSchema, _path: string): FieldError[] {
  return [];
}
