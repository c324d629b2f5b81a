import { compareText } from '../../schema/compare-text.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../schema/json.ts';
import { fail, ok, type Result } from '../../schema/result.ts';
import { goJson } from './go-json.ts';

/**
 * One step from a container to a part of it, in the form that FieldsV1 has as a key: `f:name` a field,
 * `k:{"name":"a"}` the list item with these keys, `v:"a"` the item with this value, `i:0` the item at this index.
 * Strings made here are canonical: equal elements are equal strings.
 */
export type PathElement = `${'f' | 'k' | 'v' | 'i'}:${string}`;

/** The element of a field or map key. */
export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

/** The element of the item of a list map with these keys, which must be sorted by name. */
export function keyElement(keys: readonly (readonly [string, JsonValue])[]): PathElement {
  let text = '';
  for (const [name, value] of keys) text += `${text === '' ? '' : ','}${goJson(name)}:${goJson(value)}`;
  return `k:{${text}}`;
}

/** The element of the item of a set. */
export function valueElement(value: JsonValue): PathElement {
  return `v:${goJson(value)}`;
}

/**
 * Reads a key of FieldsV1 and makes it canonical. `unknown` is an element of a type that is not known, which readers
 * have to ignore (structured-merge-diff `DeserializePathElement`).
 */
export function parsePathElement(key: string): Result<PathElement | 'unknown', string> {
  if (key.length < 2) return fail('key must be 2 characters long:');
  if (key[1] !== ':') return fail(`missing colon: ${key}`);
  switch (key.charAt(0)) {
    case 'f':
      return ok(key as PathElement);
    case 'v':
      return parseJson(key.slice(2), (value) => ok(valueElement(value)));
    case 'k':
      return parseJson(key.slice(2), (value) => {
        if (!isJsonObject(value)) return fail('expected an object');
        return ok(keyElement(Object.entries(value).toSorted(([left], [right]) => compareText(left, right))));
      });
    case 'i':
      return /^[+-]?\d{1,15}$/.test(key.slice(2))
        ? ok<PathElement>(`i:${Number(key.slice(2))}`)
        : fail(`invalid index: ${key}`);
    default:
      return ok('unknown');
  }
}

/**
 * Sorts elements in place in structured-merge-diff's order: fields, keys, values, indices; each by meaning, text by its
 * bytes.
 */
export function sortPathElements(elements: PathElement[]): PathElement[] {
  if (elements.length < 2) return elements;
  // Of fields with plain names, the order of the engine is the order of their bytes.
  if (elements.every(isPlainField) || haveOnePlainKey(elements)) return elements.sort();
  const keyed = elements.map((element) => ({ element, rank: kindRank(element), value: sortValue(element) }));
  keyed.sort((left, right) => left.rank - right.rank || compareSortValues(left, right));
  for (const [index, { element }] of keyed.entries()) elements[index] = element;
  return elements;
}

/** Prints an element as messages of conflicts do: `.spec`, `[name="a"]`, `[="a"]`, `[0]`. */
export function formatPathElement(element: PathElement): string {
  const rest = element.slice(2);
  if (element.startsWith('f:')) return `.${rest}`;
  if (element.startsWith('i:')) return `[${rest}]`;
  const value = JSON.parse(rest) as JsonValue;
  if (element.startsWith('v:')) return `[=${JSON.stringify(value)}]`;
  const keys = Object.entries(value as JsonObject);
  return `[${keys.map(([name, key]) => `${name}=${JSON.stringify(key)}`).join(',')}]`;
}

/** Prints a path of elements: `.spec.ports[port=80,protocol="TCP"].name`. */
export function formatPath(path: readonly PathElement[]): string {
  return path.map(formatPathElement).join('');
}

function parseJson(
  text: string,
  make: (value: JsonValue) => Result<PathElement, string>,
): Result<PathElement, string> {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return fail(`invalid JSON: ${text}`);
  }
  return make(value);
}

function kindRank(element: PathElement): number {
  return 'fkvi'.indexOf(element[0]!);
}

function isPlainField(element: PathElement): boolean {
  return element.charCodeAt(0) === 0x66 && !/[\ud800-\uffff]/.test(element);
}

/** Whether all are keyed by one and the same field, with texts that the closing quote does not put out of order. */
function haveOnePlainKey(elements: readonly PathElement[]): boolean {
  const quote = elements[0]!.indexOf('"', 4);
  const prefix = elements[0]!.slice(0, quote + 1);
  return elements.every((element) => element.startsWith(prefix) && plainKey.test(element));
}

// Every character of the value comes after the quotation mark, so that a prefix sorts before what it begins.
const plainKey = /^k:\{"[^"\\]+":"[-./0-9:A-Z_a-z]*"\}$/;

/** What elements of one kind are compared by. */
function sortValue(element: PathElement): JsonValue {
  const rest = element.slice(2);
  return element.startsWith('f:') ? rest : (JSON.parse(rest) as JsonValue);
}

interface Sortable {
  readonly element: PathElement;
  readonly value: JsonValue;
}

function compareSortValues(left: Sortable, right: Sortable): number {
  if (!left.element.startsWith('k:')) return compareValues(left.value, right.value);
  const leftKeys = Object.entries(left.value as JsonObject);
  const rightKeys = Object.entries(right.value as JsonObject);
  for (const [index, [name, value]] of leftKeys.entries()) {
    const other = rightKeys[index];
    if (!other) return 1;
    const order = compareText(name, other[0]) || compareValues(value, other[1]);
    if (order !== 0) return order;
  }
  return leftKeys.length - rightKeys.length;
}

const valueRanks: Record<string, number> = { number: 0, string: 1, boolean: 2, list: 3, map: 4, null: 5 };

function compareValues(left: JsonValue, right: JsonValue): number {
  const byRank = valueRanks[rankName(left)]! - valueRanks[rankName(right)]!;
  if (byRank !== 0) return byRank;
  if (typeof left === 'string') return compareText(left, right as string);
  if (typeof left === 'number' || typeof left === 'boolean') return Number(left) - Number(right);
  return compareText(JSON.stringify(left), JSON.stringify(right));
}

function rankName(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';
  return typeof value === 'object' ? 'map' : typeof value;
}
