import type { FieldError } from './field-error.ts';
import type { JsonValue } from './json.ts';
import type { StructuralSchema } from './structural-schema.ts';
import { validate } from './validate.ts';

/** Fields of pods, and of their templates, whose entries the pod's own checks tell apart, or nothing does. */
const OF_PODS = /(?:^|\.)spec\.(?:volumes|(?:initContainers|containers)(?:\[\d+\]\.(?:env|ports))?)\[\d+\]$/;

/** Checks an object of a built-in kind by a schema, as far as Kubernetes' Go code does. */
export function validateBuiltin(kind: string, schema: StructuralSchema, object: JsonValue): FieldError[] {
  return validate(schema, object).filter((error) => !isOthersMatter(kind, error));
}

/**
 * Whether the schema of a built-in kind says what Kubernetes' Go code does not: entries of lists that are merged by their
 * keys may yet be there twice, unless the kind's own checks say that they may not, and a DaemonSet without a selector
 * just selects nothing.
 */
function isOthersMatter(kind: string, { reason, field }: FieldError): boolean {
  if (reason === 'FieldValueDuplicate')
    return (kind === 'ServiceAccount' && field.startsWith('secrets[')) || OF_PODS.test(field);
  return kind === 'DaemonSet' && reason === 'FieldValueRequired' && field === 'spec.selector';
}
