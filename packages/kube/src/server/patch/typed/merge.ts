import { getOwn, setOwn, type JsonObject, type JsonValue } from '../../schema/json.ts';
import { fail, ok, type Result } from '../../schema/result.ts';
import type { PathElement } from '../field-set/path-element.ts';
import { listItemElement } from './list-item.ts';
import type { ListType, MapType, MergeType } from './merge-type.ts';
import { asList, asMap, atomOf, isBare } from './value-kind.ts';

/**
 * Puts a partial object over an object: its leaves win, nothing is removed, and items of lists keep the order of the
 * partial object where it says one. Absent is undefined. The result shares parts with its arguments.
 * Both must fit the type; the left may have list items twice.
 */
export function mergeTyped(
  type: MergeType,
  left: JsonValue | undefined,
  right: JsonValue | undefined,
): JsonValue | undefined {
  if (left === undefined && right === undefined) return undefined;
  switch (atomOf(type, right === undefined ? left : right)) {
    case 'scalar':
      return right === undefined ? left : right;
    case 'list':
      return mergeLists(type.list!, left, right);
    case 'map':
      return mergeMaps(type.map!, left, right);
  }
}

function mergeMaps(
  map: MapType,
  left: JsonValue | undefined,
  right: JsonValue | undefined,
): JsonValue | undefined {
  const leftMap = asMap(left);
  const rightMap = asMap(right);
  if (map.atomic || (isBare(leftMap) && isBare(rightMap))) return right === undefined ? left : right;
  if (!rightMap) return leftMap;
  const merged: JsonObject = {};
  for (const name of Object.keys(leftMap ?? {}))
    mergeField(merged, map, name, leftMap![name], getOwn(rightMap, name));
  for (const name of Object.keys(rightMap)) {
    if (leftMap && Object.hasOwn(leftMap, name)) continue;
    mergeField(merged, map, name, undefined, rightMap[name]);
  }
  return isBare(merged) ? undefined : merged;
}

function mergeField(
  merged: JsonObject,
  map: MapType,
  name: string,
  left: JsonValue | undefined,
  right: JsonValue | undefined,
): void {
  const type = map.fields.get(name)?.type ?? map.elements;
  const value = type ? mergeTyped(type, left, right) : (right ?? left);
  if (value !== undefined) setOwn(merged, name, value);
}

function mergeLists(
  list: ListType,
  left: JsonValue | undefined,
  right: JsonValue | undefined,
): JsonValue | undefined {
  const leftList = asList(left);
  const rightList = asList(right);
  if (list.atomic || (isBare(leftList) && isBare(rightList))) return right === undefined ? left : right;
  const leftItems = indexItems(list, leftList ?? []);
  const rightItems = indexItems(list, rightList ?? []);
  if (!leftItems.ok || !rightItems.ok) return right === undefined ? left : right;
  const merged = mergeItems(list, leftItems.value, rightItems.value);
  return merged.length === 0 ? undefined : merged;
}

interface IndexedItems {
  readonly items: readonly JsonValue[];
  readonly elements: readonly PathElement[];
  /** Items by element; null stands for one that occurs twice, which is replaced rather than merged. */
  readonly byElement: ReadonlyMap<PathElement, JsonValue>;
}

function indexItems(list: ListType, items: readonly JsonValue[]): Result<IndexedItems, string> {
  const byElement = new Map<PathElement, JsonValue>();
  const elements: PathElement[] = [];
  for (const item of items) {
    const element = listItemElement(list, item);
    if (!element.ok) return fail(element.error);
    byElement.set(element.value, byElement.has(element.value) ? null : item);
    elements.push(element.value);
  }
  return ok({ items, elements, byElement });
}

/**
 * Interleaves two lists: items that only the left has stay where they are among its others, and the items that both
 * have come in the order of the right.
 */
function mergeItems(list: ListType, left: IndexedItems, right: IndexedItems): JsonValue[] {
  const merged: JsonValue[] = [];
  const done = new Set<PathElement>();
  const shared = right.elements.filter((element) => left.byElement.has(element));
  let nextShared = 0;
  const take = (leftItem: JsonValue | undefined, rightItem: JsonValue | undefined) => {
    const item = mergeTyped(list.items, leftItem, rightItem);
    if (item !== undefined) merged.push(item);
  };
  let l = 0;
  let r = 0;
  while (l < left.elements.length || r < right.elements.length) {
    const ofLeft = left.elements[l];
    const ofRight = right.elements[r];
    if (ofLeft !== undefined && ofRight !== undefined) {
      if (ofLeft === ofRight) {
        done.add(ofLeft);
        take(left.byElement.get(ofLeft), right.byElement.get(ofLeft));
        l++;
        r++;
        nextShared++;
        continue;
      }
      if (right.byElement.has(ofLeft) && nextShared < shared.length && shared[nextShared] !== ofLeft) {
        // Both have it, but the right has it later.
        l++;
        continue;
      }
    }
    if (ofLeft !== undefined) {
      if (!right.byElement.has(ofLeft)) {
        take(left.items[l], undefined);
        l++;
        continue;
      }
      if (done.has(ofLeft)) l++;
    }
    if (ofRight !== undefined) {
      done.add(ofRight);
      take(left.byElement.get(ofRight), right.byElement.get(ofRight));
      r++;
      if (shared[nextShared] === ofRight) nextShared++;
    }
  }
  return merged;
}
