import { isEmpty, type FieldSet } from '../field-set/field-set.ts';
import type { PathElement } from '../field-set/path-element.ts';
import { deducedType, type MergeType } from './merge-type.ts';

/**
 * Fits a manager's set to the schema as it is today: where a list or map has become atomic since, who owned parts of
 * it owns the whole (structured-merge-diff `ReconcileFieldSetWithSchema`). Gives the set itself where nothing changed.
 */
export function reconcileWithSchema(set: FieldSet, type: MergeType): FieldSet {
  if (fitting.get(set) === type) return set;
  const fitted = fit(set, type);
  fitting.set(fitted, type);
  return fitted;
}

/** Sets that are known to fit a type. */
const fitting = new WeakMap<FieldSet, MergeType>();

function fit(set: FieldSet, type: MergeType): FieldSet {
  if (type === deducedType || !set.children) return set;
  const next = nextType(type);
  if (next === undefined) return set;
  let children: Map<PathElement, FieldSet> | undefined;
  for (const [element, child] of set.children) {
    const childType = next(element);
    if (childType === undefined || !child.children) continue;
    const fitted =
      isAtomic(childType) && !isEmpty({ member: false, children: child.children })
        ? wholeOf()
        : fit(child, childType);
    if (fitted === child) continue;
    children ??= new Map(set.children);
    children.set(element, fitted);
  }
  return children ? { member: set.member, children } : set;
}

function wholeOf(): FieldSet {
  return { member: true, children: undefined };
}

function isAtomic(type: MergeType): boolean {
  if (type.map) return type.map.atomic;
  return type.scalar === undefined && type.list?.atomic === true;
}

/** The type below an element; undefined where the elements below have no known types. */
function nextType(type: MergeType): ((element: PathElement) => MergeType | undefined) | undefined {
  const { map, list } = type;
  if (map) {
    if (map.elements === deducedType && map.fields.size === 0) return undefined;
    return (element) =>
      element.startsWith('f:') ? (map.fields.get(element.slice(2))?.type ?? map.elements) : map.elements;
  }
  return type.scalar === undefined && list ? () => list.items : undefined;
}
