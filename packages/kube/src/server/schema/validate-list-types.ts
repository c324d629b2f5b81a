import { duplicate, invalid, type FieldError } from './field-error.ts';
import { printFieldPath, type FieldPath } from './field-path.ts';
import { getOwn, isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import type { StructuralSchema } from './structural-schema.ts';
import type { Check } from './value-type.ts';

const compiled = new WeakMap<StructuralSchema, Check | null>();

/** Checks that items of sets, and keys of list maps, occur once; null where a schema has neither. */
export function listTypeCheckOf(schema: StructuralSchema): Check | null {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  let check: Check | null = null;
  // Stands in for a schema that refers to itself while it is being compiled.
  compiled.set(schema, (value, at, errors) => check?.(value, at, errors));
  check = compile(schema);
  compiled.set(schema, check);
  return check;
}

function compile(schema: StructuralSchema): Check | null {
  const checkList = compileList(schema);
  const checkObject = compileObject(schema);
  if (!checkList && !checkObject) return null;
  return (value, at, errors) => {
    if (Array.isArray(value)) checkList?.(value, at, errors);
    else if (checkObject && isJsonObject(value)) checkObject(value, at, errors);
  };
}

type Inside<T> = (value: T, at: FieldPath | undefined, errors: FieldError[]) => void;

function compileList({ items, listType, listMapKeys }: StructuralSchema): Inside<JsonValue[]> | null {
  const checkItem = items ? listTypeCheckOf(items) : null;
  const check = listType === 'set' ? checkSet : listType === 'map' ? mapCheck(listMapKeys ?? []) : undefined;
  if (!check && !checkItem) return null;
  return (list, at, errors) => {
    check?.(list, at, errors);
    if (!checkItem) return;
    for (let index = 0; index < list.length; index++)
      checkItem(list[index]!, { parent: at, step: index }, errors);
  };
}

function compileObject(schema: StructuralSchema): Inside<JsonObject> | null {
  const fields = new Map<string, Check>();
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const check = listTypeCheckOf(field);
    if (check) fields.set(name, check);
  }
  const { additionalProperties } = schema;
  const checkOther =
    additionalProperties === undefined || additionalProperties === true
      ? null
      : listTypeCheckOf(additionalProperties);
  if (fields.size === 0 && !checkOther) return null;
  return (object, at, errors) => {
    for (const name of Object.keys(object)) {
      // Upstream's schemas do not describe an object's metadata.
      if (at === undefined && name === 'metadata') continue;
      const check = fields.get(name);
      if (check) check(object[name]!, { parent: at, step: name }, errors);
      else checkOther?.(object[name]!, { parent: at, step: name, isKey: true }, errors);
    }
  };
}

function checkSet(list: readonly JsonValue[], at: FieldPath | undefined, errors: FieldError[]): void {
  if (list.length < 2) return;
  for (const index of findRepeated(list.map(canonical)))
    errors.push(duplicate(printFieldPath({ parent: at, step: index }), list[index]!));
}

function mapCheck(keys: readonly string[]): Inside<JsonValue[]> {
  return (list, at, errors) => {
    const odd = list.findIndex((item) => item !== null && !isJsonObject(item));
    if (odd >= 0) {
      const why = 'must be an object for an array of list-type map';
      errors.push(invalid(printFieldPath({ parent: at, step: odd }), list[odd]!, why));
      return;
    }
    if (list.length < 2) return;
    for (const index of findRepeated(list.map((item) => keyText(item, keys))))
      errors.push(duplicate(printFieldPath({ parent: at, step: index }), pickKeys(list[index]!, keys)));
  };
}

/** Where texts occur for the second time; what occurs more often is told once. */
function findRepeated(texts: readonly string[]): number[] {
  const counts = new Map<string, number>();
  const repeated: number[] = [];
  for (const [index, text] of texts.entries()) {
    const count = (counts.get(text) ?? 0) + 1;
    counts.set(text, count);
    if (count === 2) repeated.push(index);
  }
  return repeated;
}

/** Text that tells items of a list map apart; null counts as an item without keys. */
function keyText(item: JsonValue, keys: readonly string[]): string {
  let text = '';
  for (const key of keys) {
    const value = isJsonObject(item) ? getOwn(item, key) : undefined;
    text += `${value === undefined ? '' : canonical(value)},`;
  }
  return text;
}

function pickKeys(item: JsonValue, keys: readonly string[]): JsonObject {
  const picked: JsonObject = {};
  if (!isJsonObject(item)) return picked;
  for (const key of keys) {
    const value = getOwn(item, key);
    if (value !== undefined) picked[key] = value;
  }
  return picked;
}

/** JSON with sorted keys: equal values have equal texts. */
function canonical(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const keys = Object.keys(value).toSorted();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key]!)}`).join(',')}}`;
}
