import type { CelInput } from '@bufbuild/cel';
import { child, duplicate, forbidden, invalid, required, type FieldError } from '../field-error.ts';
import { printFieldPath, type FieldPath } from '../field-path.ts';
import { equalJson, getOwn, isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import type { StructuralSchema, ValidationRule } from '../structural-schema.ts';
import { toCelValue } from './cel-value.ts';
import { compileExpression, stepsOfObject, type Budget, type Expression } from './expression.ts';
import { checkStatically } from './static-check.ts';

/**
 * Evaluates the rules of `x-kubernetes-validations` on an object. Rules that use `oldSelf` are evaluated where there is
 * an old value to compare with; others are not where the value has not changed, so that an object stays writable when
 * rules are added. Call it for objects that fit their schema.
 */
export function evaluateRules(schema: StructuralSchema, value: JsonValue, old?: JsonValue): FieldError[] {
  if (!hasRules(schema)) return [];
  const run: Run = { errors: [], budget: { steps: stepsOfObject }, stopped: false };
  evaluateAt(run, schema, { at: undefined, value, old });
  return run.errors;
}

/** Whether a schema has a rule anywhere. */
export function hasRules(schema: StructuralSchema): boolean {
  const known = ruled.get(schema);
  if (known !== undefined) return known;
  ruled.set(schema, false);
  const { items, additionalProperties } = schema;
  const has =
    (schema.validations?.length ?? 0) > 0 ||
    (items !== undefined && hasRules(items)) ||
    (typeof additionalProperties === 'object' && hasRules(additionalProperties)) ||
    Object.values(schema.properties ?? {}).some(hasRules);
  ruled.set(schema, has);
  return has;
}

const ruled = new WeakMap<StructuralSchema, boolean>();

interface Run {
  readonly errors: FieldError[];
  readonly budget: Budget;
  stopped: boolean;
}

interface Place {
  readonly at: FieldPath | undefined;
  readonly value: JsonValue;
  readonly old: JsonValue | undefined;
}

function evaluateAt(run: Run, schema: StructuralSchema, place: Place): void {
  if (run.stopped || place.value === null || !hasRules(schema)) return;
  evaluateOwn(run, schema, place);
  if (Array.isArray(place.value)) evaluateItems(run, schema, place.value, place);
  else if (isJsonObject(place.value)) evaluateFields(run, schema, place.value, place);
}

function evaluateFields(run: Run, schema: StructuralSchema, object: JsonObject, { at, old }: Place): void {
  const before = isJsonObject(old) ? old : undefined;
  const { properties, additionalProperties } = schema;
  for (const name of Object.keys(object)) {
    const known = properties !== undefined && Object.hasOwn(properties, name);
    const field = known ? properties[name] : additionalProperties;
    if (field === undefined || field === true) continue;
    const next = { parent: at, step: name, ...(known ? {} : { isKey: true as const }) };
    evaluateAt(run, field, { at: next, value: object[name]!, old: before && getOwn(before, name) });
  }
}

function evaluateItems(
  run: Run,
  schema: StructuralSchema,
  items: readonly JsonValue[],
  { at, old }: Place,
): void {
  if (!schema.items) return;
  const find = oldItems(schema, old);
  for (const [index, item] of items.entries()) {
    evaluateAt(run, schema.items, { at: { parent: at, step: index }, value: item, old: find(item) });
  }
}

/** Items of list maps are the same when their keys are; other lists have no items that could be compared. */
function oldItems(
  schema: StructuralSchema,
  old: JsonValue | undefined,
): (item: JsonValue) => JsonValue | undefined {
  const keys = schema.listMapKeys ?? [];
  if (schema.listType !== 'map' || !Array.isArray(old)) return () => undefined;
  const textOf = (item: JsonValue) =>
    isJsonObject(item) ? JSON.stringify(keys.map((key) => getOwn(item, key) ?? null)) : '';
  const byKey = new Map(old.map((item) => [textOf(item), item]));
  return (item) => byKey.get(textOf(item));
}

function evaluateOwn(run: Run, schema: StructuralSchema, { at, value, old }: Place): void {
  if (!schema.validations) return;
  const isUnchanged = old !== undefined && equalJson(old, value);
  let self: CelInput | undefined;
  for (const rule of programsOf(schema)) {
    if (rule.usesOldSelf ? old === undefined : isUnchanged) continue;
    self ??= toCelValue(schema, value);
    const variables = rule.usesOldSelf ? { self, oldSelf: toCelValue(schema, old!) } : { self };
    const outcome = rule.expression.evaluate(variables, run.budget);
    const field = printFieldPath(at);
    const type = schema.type ?? '';
    if (outcome.kind === 'exhausted') {
      run.stopped = true;
      const why =
        'validation failed due to running out of cost budget, no further validation rules will be run';
      run.errors.push(invalid(field, type, why));
      return;
    }
    if (outcome.kind === 'error') {
      const named = (rule.rule.message ?? rule.rule.rule).trim();
      const problem = outcome.message.replace(/^field not found: /, 'no such key: ');
      run.errors.push(invalid(field, type, `${problem} evaluating rule: ${named}`));
    } else if (outcome.value !== true) {
      run.errors.push(
        broken(rule, {
          field: field + rule.fieldSuffix,
          type,
          message: messageOf(rule, variables, run.budget),
        }),
      );
    }
  }
}

function broken(
  { rule }: Program,
  { field, type, message }: { field: string; type: string; message: string },
): FieldError {
  const at = field.startsWith('.') ? field.slice(1) : field;
  switch (rule.reason ?? 'FieldValueInvalid') {
    case 'FieldValueForbidden':
      return forbidden(at, message);
    case 'FieldValueRequired':
      return required(at, message);
    case 'FieldValueDuplicate':
      return duplicate(at, type);
    case 'FieldValueInvalid':
      return invalid(at, type, message);
  }
}

function messageOf(
  { rule, message }: Program,
  variables: Readonly<Record<string, CelInput>>,
  budget: Budget,
): string {
  const outcome = message?.evaluate(variables, budget);
  if (outcome?.kind === 'value' && typeof outcome.value === 'string') {
    const text = outcome.value.trim();
    if (text !== '' && !/[\r\n]/.test(text) && text.length <= 5 * 1024) return text;
  }
  return rule.message?.trim() || `failed rule: ${rule.rule.trim()}`;
}

/** A rule that is ready to be evaluated. */
interface Program {
  readonly rule: ValidationRule;
  readonly expression: Expression;
  readonly message: Expression | undefined;
  readonly usesOldSelf: boolean;
  /** What the rule's fieldPath adds to the place's path. */
  readonly fieldSuffix: string;
}

const programs = new WeakMap<StructuralSchema, Program[]>();

function programsOf(schema: StructuralSchema): Program[] {
  const known = programs.get(schema);
  if (known) return known;
  const made = (schema.validations ?? []).flatMap((rule) => makeProgram(rule, schema));
  programs.set(schema, made);
  return made;
}

/** Rules were checked when their schema was compiled; one that does not compile has no program. */
function makeProgram(rule: ValidationRule, schema: StructuralSchema): Program[] {
  const expression = compileExpression(rule.rule);
  if (!expression.ok) return [];
  const message =
    rule.messageExpression === undefined ? undefined : compileExpression(rule.messageExpression);
  const { used } = checkStatically(
    expression.value.expr,
    new Map([
      ['self', schema],
      ['oldSelf', schema],
    ]),
  );
  return [
    {
      rule,
      expression: expression.value,
      message: message?.ok ? message.value : undefined,
      usesOldSelf: used.has('oldSelf'),
      fieldSuffix: child('', rule.fieldPath ?? '').replace(/^(?=[^.[])/, '.'),
    },
  ];
}
