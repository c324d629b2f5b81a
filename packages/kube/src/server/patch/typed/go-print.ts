import { isJsonObject, type JsonValue } from '../../schema/json.ts';
import { compareText } from '../field-set/path-element.ts';

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

function sortedKeys(object: object): string[] {
  return Object.keys(object).toSorted(compareText);
}
