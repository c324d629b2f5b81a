import { invalid, notSupported, tooLong, tooMany, typeInvalid, type FieldError } from './field-error.ts';
import { printFieldPath, type FieldPath } from './field-path.ts';
import { formatCheck } from './format.ts';
import { equalJson, isJsonObject, type JsonValue } from './json.ts';
import { compilePattern } from './pattern.ts';
import type { NestedValidation, StructuralSchema, ValueValidation } from './structural-schema.ts';
import { compileJunctors } from './validate-junctors.ts';
import { isInteger, type Check } from './value-type.ts';

/** Compiles the restrictions of a value itself; undefined where there are none. */
export function compileValueChecks(schema: StructuralSchema | NestedValidation): Check | undefined {
  const checks = [
    compileEnum(schema),
    compileText(schema, 'type' in schema ? schema.type : undefined),
    compileWhole('type' in schema ? schema.type : undefined),
    compileNumber(schema),
    compileCounts(schema),
    compileJunctors(schema, compileValueChecks),
  ].filter((check) => check !== undefined);
  const [first, ...rest] = checks;
  if (!first) return undefined;
  if (rest.length === 0) return first;
  return (value, at, errors) => {
    for (const check of checks) check(value, at, errors);
  };
}

/** Compiles the check that a value is one of those listed. */
export function compileEnum(schema: ValueValidation): Check | undefined {
  const allowed = schema.enum;
  if (!allowed) return undefined;
  const scalars = new Set<JsonValue>(allowed.filter((value) => typeof value !== 'object' || value === null));
  return (value, at, errors) => {
    if (scalars.has(value) || allowed.some((other) => equalJson(other, value))) return;
    errors.push(notSupported(printFieldPath(at), value, allowed));
  };
}

function compileText(schema: ValueValidation, type: string | undefined): Check | undefined {
  const { minLength, maxLength, pattern } = schema;
  const checkFormat =
    schema.format === undefined || (type !== undefined && type !== 'string')
      ? undefined
      : formatCheck(schema.format);
  if (minLength === undefined && maxLength === undefined && pattern === undefined && !checkFormat)
    return undefined;
  const compiledPattern = pattern === undefined ? undefined : compilePattern(pattern);
  const matches = compiledPattern?.ok ? compiledPattern.value : undefined;
  return (value, at, errors) => {
    if (typeof value !== 'string') return;
    const fail = (why: string) => errors.push(broken(at, value, why));
    // Of length and pattern, the first that is broken is told.
    if (maxLength !== undefined && value.length > maxLength && countCodePoints(value) > maxLength)
      errors.push(tooLong(printFieldPath(at), maxLength));
    else if (minLength !== undefined && countCodePoints(value) < minLength)
      fail(`should be at least ${minLength} chars long`);
    else if (matches && !matches(value)) fail(`should match '${pattern}'`);
    if (checkFormat && !checkFormat(value)) {
      const field = printFieldPath(at);
      const why = `${field} in body must be of type ${schema.format}: ${JSON.stringify(value)}`;
      errors.push(typeInvalid(field, value, why));
    }
  };
}

/** Of a number that is no integer Kubernetes says so twice, the second time of no field. */
function compileWhole(type: string | undefined): Check | undefined {
  if (type !== 'integer') return undefined;
  return (value, at, errors) => {
    if (typeof value !== 'number' || isInteger(value)) return;
    const why = `Checked value must be of type integer (default format) in ${printFieldPath(at)}`;
    errors.push(invalid('', '', why));
  };
}

function compileNumber(schema: ValueValidation): Check | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (minimum === undefined && maximum === undefined && multipleOf === undefined) return undefined;
  return (value, at, errors) => {
    if (typeof value !== 'number') return;
    const fail = (why: string) => errors.push(broken(at, value, why));
    if (multipleOf !== undefined && !isMultiple(value, multipleOf))
      fail(`should be a multiple of ${multipleOf}`);
    if (maximum !== undefined && exclusiveMaximum !== true && value > maximum)
      fail(`should be less than or equal to ${maximum}`);
    if (maximum !== undefined && exclusiveMaximum === true && value >= maximum)
      fail(`should be less than ${maximum}`);
    if (minimum !== undefined && exclusiveMinimum !== true && value < minimum)
      fail(`should be greater than or equal to ${minimum}`);
    if (minimum !== undefined && exclusiveMinimum === true && value <= minimum)
      fail(`should be greater than ${minimum}`);
  };
}

function compileCounts(schema: ValueValidation): Check | undefined {
  const { minItems, maxItems, minProperties, maxProperties, uniqueItems } = schema;
  const restrictsLists = minItems !== undefined || maxItems !== undefined || uniqueItems === true;
  if (!restrictsLists && minProperties === undefined && maxProperties === undefined) return undefined;
  return (value, at, errors) => {
    if (Array.isArray(value)) {
      const size = value.length;
      if (minItems !== undefined && size < minItems)
        errors.push(broken(at, size, `should have at least ${minItems} items`));
      if (maxItems !== undefined && size > maxItems) errors.push(tooMany(printFieldPath(at), size, maxItems));
      if (uniqueItems === true && hasRepeated(value))
        errors.push(broken(at, '', "shouldn't contain duplicates"));
    } else if (isJsonObject(value)) {
      const size = Object.keys(value).length;
      if (minProperties !== undefined && size < minProperties) {
        errors.push(broken(at, size, `should have at least ${minProperties} properties`));
      }
      if (maxProperties !== undefined && size > maxProperties)
        errors.push(tooMany(printFieldPath(at), size, maxProperties));
    }
  };
}

function broken(at: FieldPath | undefined, value: JsonValue, why: string): FieldError {
  const field = printFieldPath(at);
  return invalid(field, value, `${field} in body ${why}`);
}

function countCodePoints(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    // The second half of an astral character does not count again.
    if (unit < 0xdc00 || unit > 0xdfff) count++;
  }
  return count;
}

function isMultiple(value: number, factor: number): boolean {
  if (factor <= 0) return true;
  if (Number.isInteger(value) && Number.isInteger(factor)) return value % factor === 0;
  const ratio = value / factor;
  return Math.abs(ratio - Math.round(ratio)) < 1e-9;
}

function hasRepeated(list: readonly JsonValue[]): boolean {
  return list.some((item, index) => list.slice(0, index).some((other) => equalJson(item, other)));
}
