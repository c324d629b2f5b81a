import { type JsonObject, type JsonValue } from '../../schema/json.ts';
import { fieldElement, formatPath, formatPathElement, type PathElement } from '../field-set/path-element.ts';
import { goSyntax, goValue } from '../../schema/go-print.ts';
import { compareText } from '../../schema/compare-text.ts';
import { listItemElement } from './list-item.ts';
import type { ListType, MapType, MergeType, ScalarType } from './merge-type.ts';
import { atomOf } from './value-kind.ts';

/** A value that does not fit its merge type: where, and why. */
export interface TypeMismatch {
  readonly path: string;
  readonly message: string;
}

/**
 * Checks that a value can be merged by its type: known fields, right kinds, list items with keys, and no item twice
 * unless `allowDuplicates`.
 */
export function validateTyped(type: MergeType, value: JsonValue, allowDuplicates: boolean): TypeMismatch[] {
  const mismatches: TypeMismatch[] = [];
  validate({ allowDuplicates, mismatches, path: [] }, type, value);
  return mismatches.toSorted((left, right) => compareText(left.path, right.path));
}

/** Joins mismatches as structured-merge-diff does: one bare, several one to a line. */
export function formatMismatches(mismatches: readonly TypeMismatch[]): string {
  const texts = mismatches.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return texts.length === 1 ? texts[0]! : ['errors:', ...texts.map((text) => `  ${text}`)].join('\n');
}

interface Walk {
  readonly allowDuplicates: boolean;
  readonly mismatches: TypeMismatch[];
  readonly path: PathElement[];
}

function validate(walk: Walk, type: MergeType, value: JsonValue): void {
  switch (atomOf(type, value)) {
    case 'scalar':
      validateScalar(walk, type.scalar!, value);
      break;
    case 'list':
      validateList(walk, type.list!, value);
      break;
    case 'map':
      validateMap(walk, type.map!, value);
      break;
  }
}

function validateScalar(walk: Walk, scalar: ScalarType, value: JsonValue): void {
  if (value === null) return;
  switch (scalar) {
    case 'numeric':
      if (typeof value !== 'number') report(walk, `expected numeric (int or float), got ${goTypeOf(value)}`);
      break;
    case 'string':
      if (typeof value !== 'string')
        report(walk, `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`);
      break;
    case 'boolean':
      if (typeof value !== 'boolean') report(walk, `expected boolean, got &{${goValue(value)}}`);
      break;
    case 'untyped':
      if (typeof value === 'object') report(walk, `expected any scalar, got &{${goValue(value)}}`);
      break;
  }
}

function validateList(walk: Walk, list: ListType, value: JsonValue): void {
  if (value === null) return;
  if (!Array.isArray(value)) return report(walk, `expected list, got &{${goValue(value)}}`);
  const seen = new Set<PathElement>();
  for (const [index, item] of value.entries()) {
    let element: PathElement = `i:${index}`;
    if (!list.atomic) {
      const found = listItemElement(list, item);
      if (!found.ok) return report(walk, `element ${index}: ${found.error}`);
      element = found.value;
      if (seen.has(element) && !walk.allowDuplicates) {
        report(walk, `duplicate entries for key ${formatPathElement(element)}`);
      }
      seen.add(element);
    }
    walk.path.push(element);
    validate(walk, list.items, item);
    walk.path.pop();
  }
}

function validateMap(walk: Walk, map: MapType, value: JsonValue): void {
  if (value === null) return;
  if (typeof value !== 'object' || Array.isArray(value))
    return report(walk, `expected map, got &{${goValue(value)}}`);
  const object: JsonObject = value;
  for (const name of Object.keys(object)) {
    const field = map.fields.get(name);
    const type = field ? field.type : map.elements;
    walk.path.push(field ? field.element : fieldElement(name));
    if (type) validate(walk, type, object[name]!);
    else report(walk, 'field not declared in schema');
    walk.path.pop();
  }
}

function report(walk: Walk, message: string): void {
  walk.mismatches.push({ path: formatPath(walk.path), message });
}

function goTypeOf(value: JsonValue): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
