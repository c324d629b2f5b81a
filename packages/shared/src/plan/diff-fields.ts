import { isRecord } from '../is-record.ts';
import type { FieldChange } from './plan.ts';

/** List-map keys of the lists of Flatland's kinds, by the list's path without keys; other lists are compared as a whole. */
const LIST_MAP_KEYS: Readonly<Record<string, readonly string[]>> = {
  'spec.clusters': ['name'],
  'spec.enrolled': ['cluster', 'namespace', 'kind', 'name'],
};

/** Lists that are sets of scalars. */
const SETS: ReadonlySet<string> = new Set(['spec.allowedNamespaces']);

/** Changed fields between two objects, sorted by path; elements of list-maps and sets are named by key, so order is no change. */
export function diffFields(before: unknown, after: unknown): FieldChange[] {
  const changes: FieldChange[] = [];
  walk({ path: '', schemaPath: '', before, after }, changes);
  return changes.toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

interface Position {
  readonly path: string;
  readonly schemaPath: string;
  readonly before: unknown;
  readonly after: unknown;
}

function walk(position: Position, changes: FieldChange[]): void {
  const { path, schemaPath, before, after } = position;
  if (before === undefined && after === undefined) return;
  if (isRecord(before) && isRecord(after)) return walkEntries(position, before, after, changes);
  if (Array.isArray(before) && Array.isArray(after)) {
    const keys = LIST_MAP_KEYS[schemaPath];
    if (keys) return walkEntries(position, keyedBy(before, keys), keyedBy(after, keys), changes);
    if (SETS.has(schemaPath)) return walkEntries(position, asSet(before), asSet(after), changes);
  }
  if (before === undefined) changes.push({ path, op: 'add', after });
  else if (after === undefined) changes.push({ path, op: 'remove', before });
  else if (JSON.stringify(before) !== JSON.stringify(after))
    changes.push({ path, op: 'replace', before, after });
}

function walkEntries(
  position: Position,
  before: Record<string, unknown>,
  after: Record<string, unknown>,
  changes: FieldChange[],
): void {
  const element = Array.isArray(position.before);
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const path = element ? `${position.path}[${key}]` : joinPath(position.path, key);
    const schemaPath = element ? position.schemaPath : joinPath(position.schemaPath, key);
    walk({ path, schemaPath, before: own(before, key), after: own(after, key) }, changes);
  }
}

function keyedBy(list: readonly unknown[], keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    list.map((item) => [
      keys.map((key) => `${key}=${isRecord(item) ? String(item[key]) : ''}`).join(','),
      item,
    ]),
  );
}

function asSet(list: readonly unknown[]): Record<string, unknown> {
  return Object.fromEntries(list.map((item) => [String(item), item]));
}

function own(object: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function joinPath(path: string, key: string): string {
  const part = /^[A-Za-z0-9_-]+$/.test(key) ? key : `"${key}"`;
  return path === '' ? part : `${path}.${part}`;
}
