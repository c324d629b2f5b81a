import { formatTime } from '../model/kube-object.ts';
import type { StatusCause } from '../schema/field-error.ts';
import {
  cloneJson,
  equalJson,
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
} from '../schema/json.ts';
import { maxNesting, nestsDeeper } from '../schema/nesting.ts';
import { fail, ok, type Result } from '../schema/result.ts';
import { hasPath, isEmpty, union } from './field-set/field-set.ts';
import { capUpdaters } from './managed-fields/cap-updaters.ts';
import { describeConflicts } from './managed-fields/conflict-message.ts';
import { clientSideApplier, fieldsOfLastApplied, syncLastApplied } from './managed-fields/last-applied.ts';
import {
  decodeManagers,
  encodeManagers,
  managerKey,
  type ManagerId,
  type Managers,
} from './managed-fields/managers.ts';
import { stripMetadata } from './managed-fields/strip-metadata.ts';
import {
  applyToManagers,
  updateManagers,
  type Applied,
  type Conflict,
  type UpdaterContext,
} from './managed-fields/updater.ts';
import { resetFieldsOf, type ObjectType } from './object-type.ts';
import { mergeTypeOf } from './typed/merge-type.ts';
import { formatMismatches, validateTyped } from './typed/validate.ts';

/** Who writes an object, and how. */
export interface Writer {
  readonly type: ObjectType;
  /** The `fieldManager` of the request; '' counts as `unknown`. */
  readonly manager: string;
  /** '' for the object itself. */
  readonly subresource?: string;
  /** Whether the kind has a status subresource, so that each way of writing owns only its side. */
  readonly hasStatus: boolean;
  readonly nowMs: number;
}

/**
 * Brings `metadata.managedFields` up to date after a create, update or patch. `object` is what will be stored: patched,
 * pruned, defaulted; `live` is what is stored, undefined for a create. Gives a copy of `object` with new metadata that
 * shares the rest. Fields that the writer changed become its own; owners of unchanged fields and their times stay.
 * The entry `[{}]` or an empty list in `object` takes management away (Kubernetes "Server-Side Apply", "Clearing
 * managedFields"). Where an object does not fit the schema, as by an item without its key, owners stay as they were, as in
 * Kubernetes since 1.37; before, it had none then.
 */
export function updateManagedFields(
  writer: Writer,
  live: JsonObject | undefined,
  object: JsonObject,
): JsonObject {
  const isSubresource = (writer.subresource ?? '') !== '';
  const managers = managersOfRequest(live, object, isSubresource);
  const bare = withManagers(object, undefined);
  // An object that nobody manages stays so until the first apply, unless it is new.
  if (managers.size === 0 && live !== undefined) return bare;
  const before = live === undefined ? writer.type.emptyObject : withManagers(live, undefined);
  const type = mergeTypeOf(writer.type.schema);
  if ([before, bare].some((value) => validateTyped(type, value, true).length > 0))
    return withManagers(object, managers);
  return withManagers(object, updated(writer, { live: before, object: bare, managers }));
}

/** An apply that was not carried out. */
export type ApplyError =
  | { readonly kind: 'conflict'; readonly message: string; readonly causes: StatusCause[] }
  /** The request itself is wrong: 400. */
  | { readonly kind: 'bad-request'; readonly message: string }
  /** The configuration does not fit the schema; the API server answers 500 with this text. */
  | { readonly kind: 'mismatch'; readonly message: string };

/** An apply that was carried out. */
export interface ApplyResult {
  /** A copy of its own, with managedFields; defaults and validation are still to come. */
  readonly object: JsonObject;
  /** Whether anything but managedFields is different from the live object. */
  readonly changed: boolean;
}

/**
 * Server-side apply: merges `config` into `live` (undefined: creates) by the schema, and records that the manager owns
 * exactly what it named. Fields that it named before, does not name now, and nobody else owns go away. A field that
 * another manager owns with another value is a conflict, unless `force` (Kubernetes "Server-Side Apply").
 */
export function applyServerSide(
  writer: Writer,
  { live, config, force }: { live: JsonObject | undefined; config: JsonObject; force: boolean },
): Result<ApplyResult, ApplyError> {
  const { type } = writer;
  const current = live ?? type.emptyObject;
  const wrong = checkConfig(type, config);
  if (wrong) return fail(wrong);
  const decoded = decodeManagers(managedFieldsOf(current), true);
  if (!decoded.ok)
    return fail({ kind: 'mismatch', message: `failed to decode managed fields: ${decoded.error}` });
  const bare = withManagers(current, undefined);
  let managers = decoded.value;
  if (managers.size === 0) {
    const first = { ...writer, manager: 'before-first-apply' };
    managers = updated(first, { live: type.emptyObject, object: bare, managers });
  }
  const outcome = applyTakingOver(writer, { live: bare, config, managers, force });
  if (!outcome.ok) return fail({ kind: 'conflict', ...describeConflicts(outcome.error) });
  const applied = finish(writer, outcome.value);
  const merged = applied.object ?? bare;
  const synced = writer.manager === clientSideApplier ? syncLastApplied(merged, config) : merged;
  const object = cloneJson(withManagers(synced, applied.managers));
  return ok({ object, changed: applied.object !== undefined || synced !== merged });
}

/**
 * Keeps the stored object where a write changes nothing but times of managedFields, so that its resourceVersion stays.
 */
export function isNoOp(live: JsonObject, object: JsonObject): boolean {
  if (!equalJson(withManagers(live, undefined), withManagers(object, undefined))) return false;
  return equalJson(withoutTimes(managedFieldsOf(live)), withoutTimes(managedFieldsOf(object)));
}

function managersOfRequest(
  live: JsonObject | undefined,
  object: JsonObject,
  isSubresource: boolean,
): Managers {
  const ofLive = () => {
    const decoded = live === undefined ? undefined : decodeManagers(managedFieldsOf(live), true);
    return decoded?.ok ? decoded.value : new Map();
  };
  if (isSubresource) return ofLive();
  const entries = managedFieldsOf(object);
  if (isReset(entries)) return new Map();
  // Only what comes from the server itself is written back as it was read.
  if (live !== undefined && equalJson(entries, managedFieldsOf(live))) return ofLive();
  const decoded = decodeManagers(entries, false);
  return decoded.ok && decoded.value.size > 0 ? decoded.value : ofLive();
}

function isReset(entries: JsonValue | undefined): boolean {
  if (!Array.isArray(entries)) return false;
  const [only] = entries;
  return (
    entries.length === 0 || (entries.length === 1 && isJsonObject(only) && Object.keys(only).length === 0)
  );
}

/** Runs an update through field management: ownership, time, merging with the manager's earlier updates, the cap. */
function updated(
  writer: Writer,
  { live, object, managers }: { live: JsonObject; object: JsonObject; managers: Managers },
): Managers {
  const id = managerIdOf(writer, 'Update');
  // Kept apart from the manager's earlier updates, so that its time tells whether this one changed anything.
  const self: ManagerId = { ...id, manager: `${id.manager}\u0000current` };
  const selfKey = managerKey(self);
  const result = updateManagers(contextOf(writer), live, object, managers, self);
  const mine = result.get(selfKey);
  if (mine) {
    result.delete(selfKey);
    const set = stripMetadata(mine.set);
    if (!isEmpty(set)) {
      const key = managerKey(id);
      const earlier = result.get(key);
      const merged = earlier ? union(set, earlier.set) : set;
      result.set(key, {
        id,
        set: merged,
        apiVersion: writer.type.apiVersion,
        time: formatTime(writer.nowMs),
      });
    }
  }
  return capUpdaters(result);
}

interface ApplyInput {
  readonly live: JsonObject;
  readonly config: JsonObject;
  readonly managers: Managers;
  readonly force: boolean;
}

/** Applies; kubectl's own client-side applies do not conflict with its server-side ones. */
function applyTakingOver(writer: Writer, input: ApplyInput): Result<Applied, Conflict[]> {
  const self = managerIdOf(writer, 'Apply');
  const context = contextOf(writer);
  const outcome = applyToManagers(context, { ...input, self });
  if (outcome.ok || writer.manager !== clientSideApplier) return outcome;
  const mayTake = fieldsOfLastApplied(context.type, input.live, writer.type.apiVersion);
  if (!mayTake) return outcome;
  const rest = outcome.error.filter(({ path }) => !hasPath(mayTake, path));
  return rest.length > 0 ? fail(rest) : applyToManagers(context, { ...input, self, force: true });
}

function finish(writer: Writer, { object, managers }: Applied): Applied {
  const key = managerKey(managerIdOf(writer, 'Apply'));
  const mine = managers.get(key);
  if (!mine) return { object, managers };
  const set = stripMetadata(mine.set);
  const time = object === undefined ? mine.time : formatTime(writer.nowMs);
  const result = new Map(managers);
  if (isEmpty(set)) result.delete(key);
  else result.set(key, { id: mine.id, set, apiVersion: mine.apiVersion, time });
  return { object, managers: result };
}

function checkConfig(type: ObjectType, config: JsonObject): ApplyError | undefined {
  if (nestsDeeper(config, maxNesting))
    return { kind: 'bad-request', message: 'the configuration nests too deep' };
  const gvk = groupVersionKind(config);
  if (getOwn(config, 'apiVersion') !== type.apiVersion || getOwn(config, 'kind') !== type.kind) {
    return { kind: 'bad-request', message: `invalid object type: ${gvk}` };
  }
  const entries = managedFieldsOf(config);
  if (entries !== undefined && entries !== null) {
    return { kind: 'bad-request', message: 'metadata.managedFields must be nil' };
  }
  const mismatches = validateTyped(mergeTypeOf(type.schema), config, false);
  if (mismatches.length === 0) return undefined;
  const metadata = getOwn(config, 'metadata');
  const named = (field: string) => (isJsonObject(metadata) ? textOf(getOwn(metadata, field)) : '');
  const subject = `${named('namespace')}/${named('name')}; ${gvk}`;
  return {
    kind: 'mismatch',
    message: `failed to create typed patch object (${subject}): ${formatMismatches(mismatches)}`,
  };
}

/** Group, version and kind as Go writes them: `apps/v1, Kind=Deployment`, `/v1, Kind=Pod`. */
export function groupVersionKind(object: JsonObject): string {
  const apiVersion = textOf(getOwn(object, 'apiVersion'));
  return `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${textOf(getOwn(object, 'kind'))}`;
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

function contextOf({ type, subresource = '', hasStatus }: Writer): UpdaterContext {
  return {
    type: mergeTypeOf(type.schema),
    apiVersion: type.apiVersion,
    resetFields: resetFieldsOf(type, subresource, hasStatus),
    isServed: type.isServed,
  };
}

function managerIdOf({ type, manager, subresource = '' }: Writer, operation: 'Apply' | 'Update'): ManagerId {
  return {
    manager: manager === '' ? 'unknown' : manager,
    operation,
    apiVersion: operation === 'Apply' ? '' : type.apiVersion,
    subresource,
  };
}

function managedFieldsOf(object: JsonObject): JsonValue | undefined {
  const metadata = getOwn(object, 'metadata');
  return isJsonObject(metadata) ? getOwn(metadata, 'managedFields') : undefined;
}

/** A copy of an object with other managedFields; only its metadata is new. */
function withManagers(object: JsonObject, managers: Managers | undefined): JsonObject {
  const metadata = getOwn(object, 'metadata');
  const entries = managers && encodeManagers(managers);
  if (!isJsonObject(metadata)) return entries ? { ...object, metadata: { managedFields: entries } } : object;
  if (!entries && !Object.hasOwn(metadata, 'managedFields')) return object;
  const { managedFields: _before, ...rest } = metadata;
  return { ...object, metadata: entries ? { ...rest, managedFields: entries } : rest };
}

function withoutTimes(entries: JsonValue | undefined): JsonValue | undefined {
  if (!Array.isArray(entries)) return entries;
  return entries.map((entry) => {
    if (!isJsonObject(entry)) return entry;
    const { time: _time, ...rest } = entry;
    return rest;
  });
}
