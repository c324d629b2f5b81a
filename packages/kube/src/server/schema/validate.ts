import type { FieldError } from './field-error.ts';
import type { FieldPath } from './field-path.ts';
import type { JsonValue } from './json.ts';
import { listTypeCheckOf } from './validate-list-types.ts';
import { compileStructure } from './validate-structure.ts';
import type { StructuralSchema } from './structural-schema.ts';
import type { Check } from './value-type.ts';

const compiled = new WeakMap<StructuralSchema, Check>();

/**
 * Checks a value against a schema: types, restrictions and required fields in the order of the object's fields, then
 * the keys of lists. Unknown fields are not looked at: prune first. The errors are worded as Kubernetes words them.
 * The rules of x-kubernetes-validations are separate (`cel/`).
 */
export function validate(schema: StructuralSchema, value: JsonValue, at?: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  checkOf(schema)(value, at, errors);
  listTypeCheckOf(schema)?.(value, at, errors);
  return errors;
}

/** The check of a schema, compiled once for each schema. */
function checkOf(schema: StructuralSchema): Check {
  const known = compiled.get(schema);
  if (known) return known;
  let check: Check | undefined;
  // Stands in for the check of a schema that refers to itself while it is being compiled.
  compiled.set(schema, (value, at, errors) => check!(value, at, errors));
  check = compileStructure(schema, checkOf);
  compiled.set(schema, check);
  return check;
}
