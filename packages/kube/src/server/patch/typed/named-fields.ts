import { newNode, type FieldSet } from '../field-set/field-set.ts';
import type { PathElement } from '../field-set/path-element.ts';
import type { MergeType } from './merge-type.ts';

/**
 * Adds to a set the struct fields that its paths lead through, which sets otherwise leave out: of `.spec.labels.a`,
 * `.spec` and `.spec.labels`, but not a key of a map (structured-merge-diff `EnsureNamedFieldsAreMembers`).
 */
export function ensureNamedFields(set: FieldSet, type: MergeType | undefined): FieldSet {
  if (!set.children) return set;
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of set.children) {
    const isField = element.startsWith('f:');
    const name = element.slice(2);
    const field = isField ? type?.map?.fields.get(name) : undefined;
    const next = isField
      ? (field?.type ?? type?.map?.elements)
      : element.startsWith('k:')
        ? type?.list?.items
        : undefined;
    const named = ensureNamedFields(child, next);
    const member = child.member || (field !== undefined && hasInner(child));
    children.set(
      element,
      named.member === member ? named : { ...newNode(), member, children: named.children },
    );
  }
  return { member: set.member, children };
}

function hasInner(set: FieldSet): boolean {
  return set.children !== undefined && set.children.size > 0;
}
