import type { JsonValue } from '../../schema/json.ts';
import { descend, newNode, type FieldSet } from '../field-set/field-set.ts';
import { fieldElement, type PathElement } from '../field-set/path-element.ts';
import { listItemElement } from './list-item.ts';
import type { ListType, MapType, MergeType } from './merge-type.ts';
import { asList, asMap, atomOf, isBare } from './value-kind.ts';

/** Stands for an item that pruning left without its keys: it keeps its list from counting as empty. */
const unnamedItem: PathElement = 'i:-1';

/** Every leaf and item that a value has: what a manager that applies the value owns. The value must fit the type. */
export function toFieldSet(type: MergeType, value: JsonValue): FieldSet {
  const root = newNode();
  collect(root, type, value);
  root.member = false;
  return root;
}

function collect(node: FieldSet, type: MergeType, value: JsonValue): void {
  switch (atomOf(type, value)) {
    case 'scalar':
      node.member = true;
      break;
    case 'list':
      collectList(node, type.list!, value);
      break;
    case 'map':
      collectMap(node, type.map!, value);
      break;
  }
}

function collectMap(node: FieldSet, map: MapType, value: JsonValue): void {
  if (map.atomic) {
    node.member = true;
    return;
  }
  const object = asMap(value);
  if (!object) return;
  for (const name of Object.keys(object)) {
    const item = object[name]!;
    const known = map.fields.get(name);
    const type = known ? known.type : map.elements;
    if (!type) continue;
    const element = known ? known.element : fieldElement(name);
    const child = descend(node, element);
    collect(child, type, item);
    // Struct fields exist always; a key of a map exists because somebody put it there.
    if (!known || item === null || isEmptyMap(item)) child.member = true;
    // A list with no items leaves no trace of its own.
    if (!child.member && (child.children === undefined || child.children.size === 0)) {
      node.children!.delete(element);
    }
  }
}

function collectList(node: FieldSet, list: ListType, value: JsonValue): void {
  if (list.atomic) {
    node.member = true;
    return;
  }
  const items = asList(value);
  if (!items) return;
  const elements = items.map((item) => {
    const element = listItemElement(list, item);
    return element.ok ? element.value : unnamedItem;
  });
  const repeated = findRepeated(elements);
  for (const [index, element] of elements.entries()) {
    const child = descend(node, element);
    child.member = true;
    // An item that occurs twice is owned as one leaf.
    if (!repeated?.has(element)) collect(child, list.items, items[index]!);
  }
}

function findRepeated(elements: readonly PathElement[]): Set<PathElement> | undefined {
  const seen = new Set<PathElement>();
  let repeated: Set<PathElement> | undefined;
  for (const element of elements) {
    if (seen.has(element)) (repeated ??= new Set()).add(element);
    seen.add(element);
  }
  return repeated;
}

function isEmptyMap(value: JsonValue): boolean {
  const map = asMap(value);
  return map !== undefined && isBare(map);
}
