import { isCheckedFormat } from './format.ts';
import { required, type FieldError } from './field-error.ts';
import { printFieldPath, type FieldPath } from './field-path.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import type { SchemaType, StructuralSchema } from './structural-schema.ts';
import { compileEnum, compileValueChecks } from './validate-value.ts';
import { isInteger, wrongType, type Check } from './value-type.ts';

/** Gives the check of a schema; compiled checks ask it for those of the schemas inside. */
type CheckOf = (schema: StructuralSchema) => Check;

/** Compiles a schema to a check: type first, then the value's own restrictions, then what is inside. */
export function compileStructure(schema: StructuralSchema, checkOf: CheckOf): Check {
  const checkType = compileType(schema);
  const checkInside = compileInside(schema, checkOf);
  const checkValue = compileValueChecks(schema);
  const checkListed = compileEnum(schema);
  return (value, at, errors) => {
    if (value === null) {
      if (!acceptsNull(schema)) errors.push(wrongType(typeName(schema), value, at));
      checkListed?.(value, at, errors);
      return;
    }
    checkType(value, at, errors);
    checkValue?.(value, at, errors);
    checkInside?.(value, at, errors);
  };
}

function acceptsNull(schema: StructuralSchema): boolean {
  // Where Go decodes an object, null is the same as absent.
  return (
    schema.nullable === true ||
    schema.component !== undefined ||
    (schema.type === undefined && schema.intOrString !== true)
  );
}

function typeName(schema: StructuralSchema): string {
  return schema.intOrString === true ? 'integer,string' : (schema.type ?? '');
}

function compileType(schema: StructuralSchema): Check {
  const holds = typeTest(schema);
  const expected = typeName(schema);
  const format = schema.format !== undefined && isCheckedFormat(schema.format) ? schema.format : undefined;
  return (value, at, errors) => {
    if (!holds(value)) errors.push(wrongType(expected, value, at, format));
  };
}

const typeTests: Record<SchemaType, (value: JsonValue) => boolean> = {
  object: isJsonObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: isInteger,
  number: (value) => typeof value === 'number',
};

function typeTest({ type, intOrString, format }: StructuralSchema): (value: JsonValue) => boolean {
  if (intOrString === true) {
    const isNumber = format === 'quantity' ? typeTests.number : typeTests.integer;
    return (value) => typeof value === 'string' || isNumber(value);
  }
  return type === undefined ? () => true : typeTests[type];
}

function compileInside(schema: StructuralSchema, checkOf: CheckOf): Check | undefined {
  const checkObject = compileObject(schema, checkOf);
  const checkList = compileList(schema, checkOf);
  if (checkObject && checkList) {
    return (value, at, errors) => {
      if (Array.isArray(value)) checkList(value, at, errors);
      else if (isJsonObject(value)) checkObject(value, at, errors);
    };
  }
  if (checkObject) return (value, at, errors) => isJsonObject(value) && checkObject(value, at, errors);
  if (checkList) return (value, at, errors) => Array.isArray(value) && checkList(value, at, errors);
  return undefined;
}

type Inside<T> = (value: T, at: FieldPath | undefined, errors: FieldError[]) => void;

function compileObject(schema: StructuralSchema, checkOf: CheckOf): Inside<JsonObject> | undefined {
  const { additionalProperties } = schema;
  if (
    !schema.properties &&
    !schema.required &&
    (additionalProperties === undefined || additionalProperties === true)
  ) {
    return undefined;
  }
  const needed = schema.required ?? [];
  const fields = new Map<string, StructuralSchema>(Object.entries(schema.properties ?? {}));
  const others = additionalProperties === true ? undefined : additionalProperties;
  // Checks are looked up on first use, so that schemas may refer to themselves.
  const checks = new Map<string, Check>();
  return (object, at, errors) => {
    for (const name of needed) {
      if (!Object.hasOwn(object, name) || isMissing(schema, object[name]!)) {
        errors.push(required(printFieldPath({ parent: at, step: name })));
      }
    }
    for (const name of Object.keys(object)) {
      let check = checks.get(name);
      if (!check) {
        const field = fields.get(name);
        if (field) checks.set(name, (check = checkOf(field)));
        else if (others) check = checkOf(others);
        else continue;
      }
      check(object[name]!, { parent: at, step: name }, errors);
    }
  };
}

/** Where Go decodes an object, null is the same as absent. */
function isMissing(schema: StructuralSchema, value: JsonValue): boolean {
  return value === null && schema.component !== undefined;
}

function compileList(schema: StructuralSchema, checkOf: CheckOf): Inside<JsonValue[]> | undefined {
  const { items } = schema;
  if (!items) return undefined;
  return (list, at, errors) => {
    const check = checkOf(items);
    for (let index = 0; index < list.length; index++)
      check(list[index]!, { parent: at, step: index }, errors);
  };
}
