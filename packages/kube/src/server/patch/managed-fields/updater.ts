import { equalJson, type JsonObject, type JsonValue } from '../../schema/json.ts';
import { fail, ok, type Result } from '../../schema/result.ts';
import {
  difference,
  emptySet,
  intersection,
  isEmpty,
  pathsOf,
  recursiveDifference,
  union,
  type FieldSet,
} from '../field-set/field-set.ts';
import type { PathElement } from '../field-set/path-element.ts';
import { compareTyped, type Comparison } from '../typed/compare.ts';
import type { MergeType } from '../typed/merge-type.ts';
import { mergeTyped } from '../typed/merge.ts';
import { ensureNamedFields } from '../typed/named-fields.ts';
import { reconcileWithSchema } from '../typed/reconcile.ts';
import { removeItems } from '../typed/remove.ts';
import { toFieldSet } from '../typed/to-field-set.ts';
import { managerKey, type ManagedSet, type ManagerId, type Managers } from './managers.ts';

/** What an update or apply of one kind and version works with. */
export interface UpdaterContext {
  readonly type: MergeType;
  readonly apiVersion: string;
  /** Fields that this way of writing never changes, such as status on the main resource. */
  readonly resetFields: FieldSet;
  /** Whether a version is still served; managers of others are forgotten. */
  readonly isServed: (apiVersion: string) => boolean;
}

/** A field that an apply would change and another manager owns. */
export interface Conflict {
  readonly owner: ManagerId;
  readonly path: readonly PathElement[];
}

/**
 * Gives the fields that an update changed to `self`, and takes them from everybody else
 * (structured-merge-diff `Updater.Update`).
 */
export function updateManagers(
  context: UpdaterContext,
  live: JsonObject,
  object: JsonObject,
  managers: Managers,
  self: ManagerId,
): Managers {
  const key = managerKey(self);
  const fitted = reconcileManagers(context, managers);
  const comparison = compareFiltered(context, live, object);
  const changed = union(comparison.modified, comparison.added);
  const result = disown(fitted, key, changed, comparison.removed);
  const before = result.get(key)?.set ?? emptySet;
  const set = without(union(difference(before, comparison.removed), changed), context.resetFields);
  if (isEmpty(set)) result.delete(key);
  else result.set(key, { id: self, set, apiVersion: context.apiVersion, time: undefined });
  return result;
}

/** What comes of an apply: the merged object, or undefined where it is as it was. */
export interface Applied {
  readonly object: JsonObject | undefined;
  readonly managers: Managers;
}

/**
 * Merges a configuration into the live object, takes out what the applier no longer names and nobody else owns, and
 * gives it what it names. Conflicts are an error unless `force` (structured-merge-diff `Updater.Apply`).
 */
export function applyToManagers(
  context: UpdaterContext,
  {
    live,
    config,
    managers,
    self,
    force,
  }: { live: JsonObject; config: JsonObject; managers: Managers; self: ManagerId; force: boolean },
): Result<Applied, Conflict[]> {
  const key = managerKey(self);
  const fitted = reconcileManagers(context, managers);
  const merged = mergeTyped(context.type, live, config) ?? {};
  const last = fitted.get(key);
  const set = without(toFieldSet(context.type, config), context.resetFields);
  fitted.set(key, { id: self, set, apiVersion: context.apiVersion, time: last?.time });
  const pruned = prune(context, merged, fitted, last);
  const comparison = compareFiltered(context, live, pruned as JsonObject);
  const changed = union(comparison.modified, comparison.added);
  const conflicts = force ? [] : conflictsOf(fitted, key, changed);
  if (conflicts.length > 0) return fail(conflicts);
  const result = disown(fitted, key, changed, comparison.removed);
  return ok({ object: equalJson(live, pruned) ? undefined : (pruned as JsonObject), managers: result });
}

function compareFiltered(context: UpdaterContext, live: JsonObject, object: JsonObject): Comparison {
  const { added, modified, removed } = compareTyped(context.type, live, object);
  return {
    added: without(added, context.resetFields),
    modified: without(modified, context.resetFields),
    removed: without(removed, context.resetFields),
  };
}

function without(set: FieldSet, resetFields: FieldSet): FieldSet {
  return resetFields === emptySet ? set : recursiveDifference(set, resetFields);
}

function reconcileManagers(context: UpdaterContext, managers: Managers): Managers {
  const result: Managers = new Map();
  for (const [key, managed] of managers) {
    if (managed.apiVersion !== context.apiVersion && !context.isServed(managed.apiVersion)) continue;
    result.set(key, withSet(managed, reconcileWithSchema(managed.set, context.type)));
  }
  return result;
}

function conflictsOf(managers: Managers, self: string, changed: FieldSet): Conflict[] {
  const conflicts: Conflict[] = [];
  for (const key of [...managers.keys()].toSorted()) {
    if (key === self) continue;
    const { id, set } = managers.get(key)!;
    for (const path of pathsOf(intersection(set, changed))) conflicts.push({ owner: id, path });
  }
  return conflicts;
}

/** Takes changed and removed fields from everybody but `self`; who owns nothing any more is forgotten. */
function disown(managers: Managers, self: string, changed: FieldSet, removed: FieldSet): Managers {
  const result: Managers = new Map();
  for (const [key, managed] of managers) {
    const set =
      key === self
        ? managed.set
        : difference(difference(managed.set, intersection(managed.set, changed)), removed);
    if (!isEmpty(set)) result.set(key, withSet(managed, set));
  }
  return result;
}

function withSet(managed: ManagedSet, set: FieldSet): ManagedSet {
  if (set === managed.set) return managed;
  const { written: _stale, ...rest } = managed;
  return { ...rest, set };
}

/**
 * Takes out what the applier named last time, does not name now, and nobody else owns. Done as upstream does, by
 * removing everything and adding back what is owned, since owning an item keeps what is around it.
 */
function prune(
  context: UpdaterContext,
  merged: JsonValue,
  managers: Managers,
  last: ManagedSet | undefined,
): JsonValue {
  if (last === undefined || isEmpty(last.set)) return merged;
  const { type } = context;
  const named = (set: FieldSet) => ensureNamedFields(set, type);
  const lastSet = named(last.set);
  const mergedSet = named(toFieldSet(type, merged));
  let owned = emptySet;
  for (const { set } of managers.values()) owned = union(owned, set);
  let pruned = removeItems(type, merged, lastSet);
  const prunedSet = named(toFieldSet(type, pruned));
  pruned = removeItems(type, merged, difference(mergedSet, union(prunedSet, named(owned))));
  const keptSet = named(toFieldSet(type, pruned));
  return removeItems(type, merged, intersection(difference(mergedSet, keptSet), lastSet));
}
