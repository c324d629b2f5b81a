import { compareText } from './compare-text.ts';
import { isJsonObject, type JsonValue } from './json.ts';

/** A value as Go prints it with `%v`, which messages of mismatches show. */
export function goValue(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  if (!isJsonObject(value)) return String(value);
  return `map[${sortedKeys(value)
    .map((key) => `${key}:${goValue(value[key]!)}`)
    .join(' ')}]`;
}

/** A value as Go prints it with `%#v`. */
export function goSyntax(value: JsonValue): string {
  if (value === null) return 'interface {}(nil)';
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const entries = sortedKeys(value).map((key) => `${JSON.stringify(key)}:${goSyntax(value[key]!)}`);
  return `map[string]interface {}{${entries.join(', ')}}`;
}

/** The type of a JSON value, as Go's decoder names it. */
export function goType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** A value of a type of its own, as Go prints it with `%#v`. */
export class GoText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A list of texts as a `[]string`. */
export function goStrings(texts: readonly JsonValue[]): GoText {
  return new GoText(`[]string{${texts.map((text) => JSON.stringify(text)).join(', ')}}`);
}

/** An object of texts, or nothing, as a `map[string]string`. */
export function goStringMap(object: JsonValue | undefined): GoText {
  if (!isJsonObject(object)) return new GoText('map[string]string(nil)');
  const entries = sortedKeys(object).map((key) => `${JSON.stringify(key)}:${JSON.stringify(object[key])}`);
  return new GoText(`map[string]string{${entries.join(', ')}}`);
}

function sortedKeys(object: object): string[] {
  return Object.keys(object).toSorted(compareText);
}
