import { getOwn, isJsonObject, type JsonValue } from '../../schema/json.ts';
import { fail, ok, type Result } from '../../schema/result.ts';
import { keyElement, valueElement, type PathElement } from '../field-set/path-element.ts';
import type { ListType } from './merge-type.ts';

/** The path element of an item of a list that is merged item by item; the error says what the item lacks. */
export function listItemElement(list: ListType, item: JsonValue): Result<PathElement, string> {
  return list.keys.length > 0 ? keyedItem(list, item) : setItem(item);
}

function keyedItem(list: ListType, item: JsonValue): Result<PathElement, string> {
  if (item === null) return fail('associative list with keys may not have a null element');
  if (!isJsonObject(item)) return fail('associative list with keys may not have non-map elements');
  const keys: [string, JsonValue][] = [];
  for (const name of list.keys) {
    const own = getOwn(item, name);
    const value = own === undefined ? list.keyDefaults.get(name) : own;
    if (value === undefined) {
      const why = `associative list with keys has an element that omits key field ${JSON.stringify(name)} (and doesn't have default value)`;
      return fail(why);
    }
    keys.push([name, value]);
  }
  return ok(keyElement(keys));
}

function setItem(item: JsonValue): Result<PathElement, string> {
  if (item === null) return fail("associative list without keys has an element that's an explicit null");
  if (Array.isArray(item)) return fail('not supported: associative list with lists as elements');
  if (typeof item === 'object') return fail("associative list without keys has an element that's a map type");
  return ok(valueElement(item));
}
