import { evaluateRules, hasRules } from './cel/rules.ts';
import { invalid, type FieldError, type FieldErrorReason } from './field-error.ts';
import type { JsonValue } from './json.ts';
import { dropUnchanged } from './ratchet.ts';
import type { StructuralSchema } from './structural-schema.ts';
import { validate } from './validate.ts';

/** Errors after which rules would only stumble over the same thing. */
const blocking: ReadonlySet<FieldErrorReason> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

/**
 * Checks a custom resource by its schema, and by the schema's rules where the object is fit for them. What an update
 * leaves as it was may break a schema that has become stricter since. `others` was found before, and counts for whether
 * the object is fit.
 */
export function checkCustomObject(
  schema: StructuralSchema,
  object: JsonValue,
  old?: JsonValue,
  others: readonly FieldError[] = [],
): FieldError[] {
  const found = validate(schema, object);
  const errors = old === undefined || found.length === 0 ? found : dropUnchanged(found, object, old);
  if (!hasRules(schema)) return errors;
  if (![...others, ...errors].some(({ reason }) => blocking.has(reason)))
    return [...errors, ...evaluateRules(schema, object, old)];
  const why =
    'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
  return [...errors, invalid('', null, why)];
}
