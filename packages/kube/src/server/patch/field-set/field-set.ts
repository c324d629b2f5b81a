import { sortPathElements, type PathElement } from './path-element.ts';

/**
 * A set of paths into an object, as a tree of path elements (structured-merge-diff `fieldpath.Set`).
 * A node is in the set when it is a `member`; being an inner node does not make it one. Sets are immutable once
 * they leave the function that makes them, and share parts.
 */
export interface FieldSet {
  member: boolean;
  children: Map<PathElement, FieldSet> | undefined;
}

export const emptySet: FieldSet = { member: false, children: undefined };

/** Makes a set from paths. */
export function fieldSetOf(...paths: readonly (readonly PathElement[])[]): FieldSet {
  const root = newNode();
  for (const path of paths) {
    let node = root;
    for (const element of path) node = descend(node, element);
    // Nobody owns the whole object.
    if (node !== root) node.member = true;
  }
  return root;
}

/** A node to build a set with. */
export function newNode(): FieldSet {
  return { member: false, children: undefined };
}

/** The child of a node that is being built, made if it is not there. */
export function descend(node: FieldSet, element: PathElement): FieldSet {
  node.children ??= new Map();
  let child = node.children.get(element);
  if (!child) {
    child = newNode();
    node.children.set(element, child);
  }
  return child;
}

export function isEmpty(set: FieldSet): boolean {
  if (set.member) return false;
  if (set.children) {
    for (const child of set.children.values()) if (!isEmpty(child)) return false;
  }
  return true;
}

/** Whether a path is in the set. */
export function hasPath(set: FieldSet, path: readonly PathElement[]): boolean {
  let node: FieldSet | undefined = set;
  for (const element of path) {
    node = node.children?.get(element);
    if (!node) return false;
  }
  return node.member;
}

/** What lies below an element, without the element. */
export function subset(set: FieldSet, element: PathElement): FieldSet | undefined {
  return set.children?.get(element);
}

export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right || isLeafless(right))
    return left.member || !right.member ? left : { ...left, member: true };
  if (isLeafless(left)) return right.member || !left.member ? right : { ...right, member: true };
  const children = new Map(left.children);
  for (const [element, child] of right.children!) {
    const other = children.get(element);
    children.set(element, other ? union(other, child) : child);
  }
  return { member: left.member || right.member, children };
}

export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right) return left;
  let children: Map<PathElement, FieldSet> | undefined;
  if (left.children && right.children) {
    for (const [element, child] of left.children) {
      const other = right.children.get(element);
      if (!other) continue;
      const common = intersection(child, other);
      if (!common.member && !common.children) continue;
      children ??= new Map();
      children.set(element, common);
    }
  }
  return { member: left.member && right.member, children };
}

/** What is in `left` and not in `right`; taking away a parent leaves its children. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  return subtract(left, right, false);
}

/** What is in `left` and neither in `right` nor below one of its members. */
export function recursiveDifference(left: FieldSet, right: FieldSet): FieldSet {
  return subtract(left, right, true);
}

export function equalSets(left: FieldSet, right: FieldSet): boolean {
  if (left === right) return true;
  if (left.member !== right.member) return false;
  const size = left.children?.size ?? 0;
  if (size !== (right.children?.size ?? 0)) return false;
  if (size === 0) return true;
  for (const [element, child] of left.children!) {
    const other = right.children!.get(element);
    if (!other || !equalSets(child, other)) return false;
  }
  return true;
}

/** Every path of the set in upstream's order: the members of a level first, then what lies below, each sorted. */
export function pathsOf(set: FieldSet): PathElement[][] {
  const paths: PathElement[][] = [];
  collectPaths(set, [], paths);
  return paths;
}

/** The elements of a node, sorted. */
export function sortedElements(set: FieldSet): PathElement[] {
  return set.children ? sortPathElements([...set.children.keys()]) : [];
}

function collectPaths(set: FieldSet, prefix: PathElement[], paths: PathElement[][]): void {
  const elements = sortedElements(set);
  for (const element of elements) if (set.children!.get(element)!.member) paths.push([...prefix, element]);
  for (const element of elements) collectPaths(set.children!.get(element)!, [...prefix, element], paths);
}

function isLeafless(set: FieldSet): boolean {
  return set.children === undefined || set.children.size === 0;
}

function subtract(left: FieldSet, right: FieldSet, recursive: boolean): FieldSet {
  if (!left.children || !right.children) return left;
  let children: Map<PathElement, FieldSet> | undefined;
  for (const [element, other] of right.children) {
    const child = left.children.get(element);
    if (!child) continue;
    const rest = recursive && other.member ? undefined : subtractNode(child, other, recursive);
    if (rest === child) continue;
    children ??= new Map(left.children);
    if (rest === undefined) children.delete(element);
    else children.set(element, rest);
  }
  if (!children) return left;
  return { member: left.member, children: children.size === 0 ? undefined : children };
}

function subtractNode(child: FieldSet, other: FieldSet, recursive: boolean): FieldSet | undefined {
  const below = subtract(child, other, recursive);
  const member = child.member && !other.member;
  if (!member && isEmpty({ member, children: below.children })) return undefined;
  return below === child && member === child.member ? child : { member, children: below.children };
}
