import { invalid, required, type FieldError } from './field-error.ts';
import { printFieldPath, type FieldPath } from './field-path.ts';
import { isJsonObject, type JsonValue } from './json.ts';
import type { NestedValidation, ValueValidation } from './structural-schema.ts';
import { typeOf, wrongType, type Check } from './value-type.ts';

/** Compiles the restrictions of a value itself. */
type CompileValue = (validation: NestedValidation) => Check | undefined;

/** Compiles allOf, anyOf, oneOf and not; undefined where there is none of them. */
export function compileJunctors(schema: ValueValidation, compileValue: CompileValue): Check | undefined {
  const compileClause = (clause: NestedValidation) => compileNested(clause, compileValue);
  const { allOf, anyOf, oneOf, not } = schema;
  if (!allOf && !anyOf && !oneOf && !not) return undefined;
  const checkAll = allOf?.map(compileClause);
  const checkAny = anyOf?.map(compileClause);
  const checkOne = oneOf?.map(compileClause);
  const checkNot = not && compileClause(not);
  return (value, at, errors) => {
    if (checkAny) checkAnyOf(checkAny, value, at, errors);
    if (checkOne) checkOneOf(checkOne, value, at, errors);
    if (checkAll) checkAllOf(checkAll, value, at, errors);
    if (checkNot && run(checkNot, value, at).length === 0)
      errors.push(junctor(at, 'must not validate the schema (not)'));
  };
}

function compileNested(nested: NestedValidation, compileValue: CompileValue): Check {
  const compileClause = (clause: NestedValidation) => compileNested(clause, compileValue);
  const checkValue = compileValue(nested);
  const items = nested.items && compileClause(nested.items);
  const fields = new Map(
    Object.entries(nested.properties ?? {}).map(([name, field]) => [name, compileClause(field)]),
  );
  const others = nested.additionalProperties && compileClause(nested.additionalProperties);
  return (value, at, errors) => {
    if (nested.type !== undefined && !fits(nested.type, value))
      errors.push(wrongType(nested.type, value, at));
    checkValue?.(value, at, errors);
    if (Array.isArray(value)) {
      if (items)
        for (const [index, item] of value.entries()) items(item, { parent: at, step: index }, errors);
    } else if (isJsonObject(value)) {
      for (const name of nested.required ?? []) {
        if (!Object.hasOwn(value, name)) errors.push(required(printFieldPath({ parent: at, step: name })));
      }
      for (const name of Object.keys(value))
        (fields.get(name) ?? others)?.(value[name]!, { parent: at, step: name }, errors);
    }
  };
}

function fits(type: string, value: JsonValue): boolean {
  const actual = typeOf(value);
  return actual === type || (type === 'number' && actual === 'integer');
}

function run(check: Check, value: JsonValue, at: FieldPath | undefined): FieldError[] {
  const errors: FieldError[] = [];
  check(value, at, errors);
  return errors;
}

function checkAnyOf(
  checks: readonly Check[],
  value: JsonValue,
  at: FieldPath | undefined,
  errors: FieldError[],
): void {
  const outcomes: FieldError[][] = [];
  for (const check of checks) {
    const outcome = run(check, value, at);
    if (outcome.length === 0) return;
    outcomes.push(outcome);
  }
  errors.push(junctor(at, 'must validate at least one schema (anyOf)'), ...fewest(outcomes));
}

function checkOneOf(
  checks: readonly Check[],
  value: JsonValue,
  at: FieldPath | undefined,
  errors: FieldError[],
): void {
  const outcomes = checks.map((check) => run(check, value, at));
  const nValid = outcomes.filter((outcome) => outcome.length === 0).length;
  if (nValid === 1) return;
  const found = nValid === 0 ? 'Found none valid' : `Found ${nValid} valid alternatives`;
  errors.push(junctor(at, `must validate one and only one schema (oneOf). ${found}`));
  if (nValid === 0) errors.push(...fewest(outcomes));
}

function checkAllOf(
  checks: readonly Check[],
  value: JsonValue,
  at: FieldPath | undefined,
  errors: FieldError[],
): void {
  const outcomes = checks.map((check) => run(check, value, at));
  const failed = outcomes.filter((outcome) => outcome.length > 0);
  if (failed.length === 0) return;
  const none = failed.length === outcomes.length ? '. None validated' : '';
  errors.push(...failed.flat(), junctor(at, `must validate all the schemas (allOf)${none}`));
}

/** The errors of the clause that came nearest. */
function fewest(outcomes: readonly FieldError[][]): FieldError[] {
  return outcomes.toSorted((left, right) => left.length - right.length)[0] ?? [];
}

/** Errors of junctors name their place in the text, and have no field of their own. */
function junctor(at: FieldPath | undefined, why: string): FieldError {
  return invalid('', '', `${JSON.stringify(printFieldPath(at))} ${why}`);
}
