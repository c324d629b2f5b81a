import { equalJson, getOwn, type JsonValue } from '../../schema/json.ts';
import { descend, newNode, type FieldSet } from '../field-set/field-set.ts';
import { fieldElement, type PathElement } from '../field-set/path-element.ts';
import { listItemElement } from './list-item.ts';
import type { ListType, MapType, MergeType } from './merge-type.ts';
import { asList, asMap, atomOf, isBare } from './value-kind.ts';

/** How two objects differ. No path is in two of the sets. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

/** Compares two objects that fit a type; list items may occur twice in either. */
export function compareTyped(type: MergeType, left: JsonValue, right: JsonValue): Comparison {
  const root: Cursor = {
    parent: undefined,
    element: 'f:',
    added: newNode(),
    modified: newNode(),
    removed: newNode(),
  };
  compare(root, type, left, right);
  const { added, modified, removed } = root as Comparison;
  added.member = false;
  modified.member = false;
  removed.member = false;
  return { added, modified, removed };
}

/** A place in both objects; its nodes in the three sets are made only where something differs. */
interface Cursor {
  readonly parent: Cursor | undefined;
  readonly element: PathElement;
  added: FieldSet | undefined;
  modified: FieldSet | undefined;
  removed: FieldSet | undefined;
}

function below(parent: Cursor, element: PathElement): Cursor {
  return { parent, element, added: undefined, modified: undefined, removed: undefined };
}

function addedAt(cursor: Cursor): FieldSet {
  return (cursor.added ??= descend(addedAt(cursor.parent!), cursor.element));
}

function modifiedAt(cursor: Cursor): FieldSet {
  return (cursor.modified ??= descend(modifiedAt(cursor.parent!), cursor.element));
}

function removedAt(cursor: Cursor): FieldSet {
  return (cursor.removed ??= descend(removedAt(cursor.parent!), cursor.element));
}

function compare(
  cursor: Cursor,
  type: MergeType,
  left: JsonValue | undefined,
  right: JsonValue | undefined,
): void {
  if (left === undefined) {
    if (right !== undefined) markAll(addedAt(cursor), type, right);
  } else if (right === undefined) {
    markAll(removedAt(cursor), type, left);
  } else {
    const leftAtom = atomOf(type, left);
    const rightAtom = atomOf(type, right);
    if (leftAtom !== rightAtom) compareAs(cursor, { type, atom: leftAtom }, left, right);
    compareAs(cursor, { type, atom: rightAtom }, left, right);
  }
}

/** Puts a value that only one side has into a set: itself and everything in it. */
function markAll(node: FieldSet, type: MergeType, value: JsonValue): void {
  node.member = true;
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    if (type.list && !type.list.atomic) markItems(node, type.list, value);
  } else if (type.map && !type.map.atomic) {
    for (const name of Object.keys(value)) {
      const field = type.map.fields.get(name);
      if (field) markAll(descend(node, field.element), field.type, value[name]!);
      else if (type.map.elements) markAll(descend(node, fieldElement(name)), type.map.elements, value[name]!);
    }
  }
}

function markItems(node: FieldSet, list: ListType, items: readonly JsonValue[]): void {
  for (const [element, group] of groupItems(list, items)) {
    const child = descend(node, element);
    // Items that occur twice are one leaf.
    if (group.length > 1) child.member = true;
    else markAll(child, list.items, group[0]!);
  }
}

interface TypedAtom {
  readonly type: MergeType;
  readonly atom: 'map' | 'list' | 'scalar';
}

function compareAs(cursor: Cursor, { type, atom }: TypedAtom, left: JsonValue, right: JsonValue): void {
  switch (atom) {
    case 'scalar':
      compareLeaf(cursor, left, right);
      break;
    case 'list':
      compareLists(cursor, type.list!, left, right);
      break;
    case 'map':
      compareMaps(cursor, type.map!, left, right);
      break;
  }
}

function compareLeaf(cursor: Cursor, left: JsonValue, right: JsonValue): void {
  if (!equalJson(left, right)) modifiedAt(cursor).member = true;
}

function compareMaps(cursor: Cursor, map: MapType, left: JsonValue, right: JsonValue): void {
  const leftMap = asMap(left);
  const rightMap = asMap(right);
  if (map.atomic || (isBare(leftMap) && isBare(rightMap))) return compareLeaf(cursor, left, right);
  if (leftMap) {
    for (const name of Object.keys(leftMap)) {
      compareField(cursor, map, name, leftMap[name], rightMap && getOwn(rightMap, name));
    }
  }
  if (rightMap) {
    for (const name of Object.keys(rightMap)) {
      if (!leftMap || !Object.hasOwn(leftMap, name))
        compareField(cursor, map, name, undefined, rightMap[name]);
    }
  }
}

function compareField(
  cursor: Cursor,
  map: MapType,
  name: string,
  left: JsonValue | undefined,
  right: JsonValue | undefined,
): void {
  if (left === right) return;
  const field = map.fields.get(name);
  if (field) compare(below(cursor, field.element), field.type, left, right);
  else if (map.elements) compare(below(cursor, fieldElement(name)), map.elements, left, right);
}

function compareLists(cursor: Cursor, list: ListType, left: JsonValue, right: JsonValue): void {
  const leftList = asList(left);
  const rightList = asList(right);
  if (list.atomic || (isBare(leftList) && isBare(rightList))) return compareLeaf(cursor, left, right);
  const leftItems = groupItems(list, leftList ?? []);
  const rightItems = groupItems(list, rightList ?? []);
  for (const [element, items] of leftItems) {
    compareItems(below(cursor, element), list, items, rightItems.get(element) ?? []);
  }
  for (const [element, items] of rightItems) {
    if (!leftItems.has(element)) compareItems(below(cursor, element), list, [], items);
  }
}

function compareItems(
  cursor: Cursor,
  list: ListType,
  left: readonly JsonValue[],
  right: readonly JsonValue[],
): void {
  if (left.length <= 1 && right.length <= 1) {
    compare(cursor, list.items, left[0], right[0]);
  } else if (left.length >= 2 && right.length >= 2) {
    if (!equalJson([...left], [...right])) modifiedAt(cursor).member = true;
  } else if (left.length >= 2) {
    if (right.length > 0) compare(cursor, list.items, undefined, right[0]);
    removedAt(cursor).member = true;
  } else {
    if (left.length > 0) compare(cursor, list.items, left[0], undefined);
    addedAt(cursor).member = true;
  }
}

function groupItems(list: ListType, items: readonly JsonValue[]): Map<PathElement, JsonValue[]> {
  const groups = new Map<PathElement, JsonValue[]>();
  for (const item of items) {
    const element = listItemElement(list, item);
    if (!element.ok) continue;
    const group = groups.get(element.value);
    if (group) group.push(item);
    else groups.set(element.value, [item]);
  }
  return groups;
}
