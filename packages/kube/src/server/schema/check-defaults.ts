import { child, invalid, type FieldError } from './field-error.ts';
import { parseFieldPath } from './field-path.ts';
import { cloneJson, equalJson } from './json.ts';
import { applyDefaults } from './default.ts';
import { prune } from './prune.ts';
import type { StructuralSchema } from './structural-schema.ts';
import { validate } from './validate.ts';

/** Checks that each default of a schema is a value that the schema itself accepts, and that pruning leaves it as it is. */
export function checkDefaults(schema: StructuralSchema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  // What the server brings along needs no check; it is the same object in every schema.
  if (schema.component !== undefined) return errors;
  if (schema.default !== undefined) {
    const at = child(path, 'default');
    const value = cloneJson(schema.default);
    if (!equalJson(prune(schema, value).value, value)) {
      errors.push(invalid(at, value, 'must not have unknown fields'));
    } else {
      applyDefaults(schema, value);
      errors.push(...validate(schema, value, parseFieldPath(at)));
    }
  }
  if (schema.items) errors.push(...checkDefaults(schema.items, child(path, 'items')));
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    errors.push(...checkDefaults(property, `${child(path, 'properties')}[${name}]`));
  }
  const additional = schema.additionalProperties;
  if (additional !== undefined && additional !== true) {
    errors.push(...checkDefaults(additional, child(path, 'additionalProperties')));
  }
  return errors;
}
