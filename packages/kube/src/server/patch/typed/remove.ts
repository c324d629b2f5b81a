import { setOwn, type JsonObject, type JsonValue } from '../../schema/json.ts';
import { isEmpty, subset, type FieldSet } from '../field-set/field-set.ts';
import { fieldElement } from '../field-set/path-element.ts';
import { listItemElement } from './list-item.ts';
import type { ListType, MapType, MergeType } from './merge-type.ts';
import { asList, asMap, atomOf, isBare } from './value-kind.ts';

/**
 * Takes the fields and items of a set out of a value. What is emptied by it becomes null, as upstream has it; undefined
 * where nothing is left of the value itself. The result shares parts with the value.
 */
export function removeItems(type: MergeType, value: JsonValue | undefined, items: FieldSet): JsonValue {
  if (value === undefined) return null;
  switch (atomOf(type, value)) {
    case 'scalar':
      return value;
    case 'list':
      return removeFromList(type.list!, value, items);
    case 'map':
      return removeFromMap(type.map!, value, items);
  }
}

function removeFromMap(map: MapType, value: JsonValue, items: FieldSet): JsonValue {
  const object = asMap(value);
  if (!object || isBare(object) || map.atomic) return null;
  const rest: JsonObject = {};
  for (const name of Object.keys(object)) {
    const item = object[name]!;
    const field = map.fields.get(name);
    const toRemove = subset(items, field ? field.element : fieldElement(name));
    if (toRemove?.member) continue;
    const type = field ? field.type : map.elements;
    setOwn(rest, name, toRemove && type && !isEmpty(toRemove) ? removeItems(type, item, toRemove) : item);
  }
  return isBare(rest) ? null : rest;
}

function removeFromList(list: ListType, value: JsonValue, items: FieldSet): JsonValue {
  const array = asList(value);
  if (!array || array.length === 0 || list.atomic) return null;
  const rest: JsonValue[] = [];
  for (const item of array) {
    const element = listItemElement(list, item);
    const toRemove = element.ok ? subset(items, element.value) : undefined;
    if (toRemove?.member) continue;
    rest.push(toRemove && !isEmpty(toRemove) ? removeItems(list.items, item, toRemove) : item);
  }
  return rest.length === 0 ? null : rest;
}
