import { child, forbidden, invalid, notSupported, required, type FieldError } from '../field-error.ts';
import { GoText } from '../go-print.ts';
import type { StructuralSchema, ValidationRule } from '../structural-schema.ts';
import { compileExpression } from './expression.ts';
import { checkStatically } from './static-check.ts';

const reasons = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];

/** Checks the rules of a schema: their form, and that they compile and name only what is there. */
export function checkValidationRules(schema: StructuralSchema, path: string): FieldError[] {
  return checkLevel(schema, path, undefined);
}

/** `uncorrelated` is the path of a list whose items have no old values to compare with. */
function checkLevel(schema: StructuralSchema, path: string, uncorrelated: string | undefined): FieldError[] {
  if (schema.component !== undefined) return [];
  const errors = (schema.validations ?? []).flatMap((rule, index) =>
    checkRule(rule, `${child(path, 'x-kubernetes-validations')}[${index}]`, { schema, uncorrelated }),
  );
  if (schema.items) {
    const lost = uncorrelated ?? (schema.listType === 'map' ? undefined : path);
    errors.push(...checkLevel(schema.items, child(path, 'items'), lost));
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    errors.push(...checkLevel(property, `${child(path, 'properties')}[${name}]`, uncorrelated));
  }
  const additional = schema.additionalProperties;
  if (typeof additional === 'object') {
    errors.push(...checkLevel(additional, child(path, 'additionalProperties'), uncorrelated));
  }
  return errors;
}

interface RulePlace {
  readonly schema: StructuralSchema;
  readonly uncorrelated: string | undefined;
}

function checkRule(rule: ValidationRule, path: string, place: RulePlace): FieldError[] {
  const form = checkForm(rule, path, place.schema);
  return form.length > 0 ? form : checkExpressions(rule, path, place);
}

function checkForm(rule: ValidationRule, path: string, schema: StructuralSchema): FieldError[] {
  const errors: FieldError[] = [];
  const message = rule.message?.trim() ?? '';
  if (rule.rule.trim() === '') errors.push(required(child(path, 'rule'), 'rule is not specified'));
  else if (rule.message !== undefined && message === '') {
    errors.push(invalid(child(path, 'message'), rule.message, 'message must be non-empty if specified'));
  } else if (/[\r\n]/.test(message)) {
    errors.push(invalid(child(path, 'message'), rule.message ?? '', 'message must not contain line breaks'));
  } else if (/[\r\n]/.test(rule.rule.trim()) && message === '') {
    errors.push(required(child(path, 'message'), 'message must be specified if rule contains line breaks'));
  }
  if (rule.messageExpression?.trim() === '') {
    errors.push(
      required(child(path, 'messageExpression'), 'messageExpression must be non-empty if specified'),
    );
  }
  if (rule.reason !== undefined && !reasons.includes(rule.reason)) {
    errors.push(notSupported(child(path, 'reason'), rule.reason, reasons));
  }
  if (rule.fieldPath !== undefined && !isFieldPath(rule.fieldPath, schema)) {
    errors.push(invalid(child(path, 'fieldPath'), rule.fieldPath, 'fieldPath must be a valid path'));
  }
  if (rule.optionalOldSelf === true) {
    errors.push(forbidden(child(path, 'optionalOldSelf'), 'optional values are not served by this server'));
  }
  return errors;
}

function checkExpressions(
  rule: ValidationRule,
  path: string,
  { schema, uncorrelated }: RulePlace,
): FieldError[] {
  const variables = new Map([
    ['self', schema],
    ['oldSelf', schema],
  ]);
  const shown = printRule(rule);
  const errors: FieldError[] = [];
  for (const field of ['rule', 'messageExpression'] as const) {
    const source = rule[field];
    if (source === undefined) continue;
    const compiled = compileExpression(source);
    if (!compiled.ok) {
      errors.push(invalid(child(path, field), shown, `compilation failed: ERROR: ${compiled.error}`));
      continue;
    }
    const findings = checkStatically(compiled.value.expr, variables);
    for (const error of findings.errors) {
      errors.push(invalid(child(path, field), shown, `compilation failed: ERROR: <input>: ${error}`));
    }
    if (field === 'rule' && findings.used.has('oldSelf') && uncorrelated !== undefined) {
      const why = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`;
      errors.push(invalid(child(path, field), source, why));
    }
  }
  return errors;
}

/** Whether a path such as `.spec.port` or `['a.b'].c` leads to a field that the schema has. */
function isFieldPath(path: string, schema: StructuralSchema): boolean {
  const steps = [...path.matchAll(/\.([A-Za-z_][A-Za-z0-9_]*)|\['((?:[^'\\]|\\.)*)'\]/g)];
  if (steps.length === 0 || steps.map(([whole]) => whole).join('') !== path) return false;
  let current: StructuralSchema | undefined = schema;
  for (const [, plain, quoted] of steps) {
    const name: string = plain ?? quoted!.replace(/\\(.)/g, '$1');
    const properties: StructuralSchema['properties'] = current?.properties;
    const additional: StructuralSchema['additionalProperties'] = current?.additionalProperties;
    if (properties && Object.hasOwn(properties, name)) current = properties[name];
    else if (typeof additional === 'object') current = additional;
    else return false;
  }
  return true;
}

/** A rule as Kubernetes shows it in errors. */
function printRule({ rule, message, messageExpression, reason, fieldPath }: ValidationRule): GoText {
  const fields = [
    `Rule:${JSON.stringify(rule)}`,
    `Message:${JSON.stringify(message ?? '')}`,
    `MessageExpression:${JSON.stringify(messageExpression ?? '')}`,
    `Reason:${reason === undefined ? '(*apiextensions.FieldValueErrorReason)(nil)' : JSON.stringify(reason)}`,
    `FieldPath:${JSON.stringify(fieldPath ?? '')}`,
    'OptionalOldSelf:(*bool)(nil)',
  ];
  return new GoText(`apiextensions.ValidationRule{${fields.join(', ')}}`);
}
