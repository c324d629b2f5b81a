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
  const root: Cursor = { parent: undefined, element: 'f:', nodes: [newNode(), newNode(), newNode()] };
  compare(root, type, left, right);
  const [added, modified, removed] = root.nodes as [FieldSet, FieldSet, FieldSet];
  added.member = false;
  modified.member = false;
  removed.member = false;
  return { added, modified, removed };
}

const ADDED = 0;
const MODIFIED = 1;
const REMOVED = 2;

/** A place in the objects; its nodes in the three sets are made only where something differs. */
interface Cursor {
  readonly parent: Cursor | undefined;
  readonly element: PathElement;
  readonly nodes: [FieldSet | undefined, FieldSet | undefined, FieldSet | undefined];
}

function below(parent: Cursor, element: PathElement): Cursor {
  return { parent, element, nodes: [undefined, undefined, undefined] };
}

function nodeOf(cursor: Cursor, which: 0 | 1 | 2): FieldSet {
  return (cursor.nodes[which] ??= descend(nodeOf(cursor.parent!, which), cursor.element));
}

function mark(cursor: Cursor, which: 0 | 1 | 2): void {
  nodeOf(cursor, which).member = true;
}

function compare(
  cursor: Cursor,
  type: MergeType,
  left: JsonValue | undefined,
  right: JsonValue | undefined,
): void {
  const leftAtom = atomOf(type, left);
  const rightAtom = atomOf(type, right);
  let isLeaf: boolean;
  if (right === undefined) isLeaf = compareAs(cursor, type, leftAtom, left, right);
  else if (left === undefined || leftAtom === rightAtom)
    isLeaf = compareAs(cursor, type, rightAtom, left, right);
  else {
    compareAs(cursor, type, leftAtom, left, right);
    isLeaf = compareAs(cursor, type, rightAtom, left, right);
  }
  if (isLeaf) return;
  if (left === undefined) mark(cursor, ADDED);
  else if (right === undefined) mark(cursor, REMOVED);
}

/** Tells whether the values were compared as a leaf. */
function compareAs(
  cursor: Cursor,
  type: MergeType,
  atom: 'map' | 'list' | 'scalar',
  left: JsonValue | undefined,
  right: JsonValue | undefined,
): boolean {
  switch (atom) {
    case 'scalar':
      return compareLeaf(cursor, left, right);
    case 'list':
      return compareLists(cursor, type.list!, left, right);
    case 'map':
      return compareMaps(cursor, type.map!, left, right);
  }
}

function compareLeaf(cursor: Cursor, left: JsonValue | undefined, right: JsonValue | undefined): true {
  if (left === undefined) mark(cursor, ADDED);
  else if (right === undefined) mark(cursor, REMOVED);
  else if (!equalJson(left, right)) mark(cursor, MODIFIED);
  return true;
}

function compareMaps(
  cursor: Cursor,
  map: MapType,
  left: JsonValue | undefined,
  right: JsonValue | undefined,
): boolean {
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
  return false;
}

function compareField(
  cursor: Cursor,
  map: MapType,
  name: string,
  left: JsonValue | undefined,
  right: JsonValue | undefined,
): void {
  if (left === right) return;
  const type = map.fields.get(name) ?? map.elements;
  if (type) compare(below(cursor, fieldElement(name)), type, left, right);
}

function compareLists(
  cursor: Cursor,
  list: ListType,
  left: JsonValue | undefined,
  right: JsonValue | undefined,
): boolean {
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
  return false;
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
    if (!equalJson([...left], [...right])) mark(cursor, MODIFIED);
  } else if (left.length >= 2) {
    if (right.length > 0) compare(cursor, list.items, undefined, right[0]);
    mark(cursor, REMOVED);
  } else {
    if (left.length > 0) compare(cursor, list.items, left[0], undefined);
    mark(cursor, ADDED);
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
