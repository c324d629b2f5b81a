import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../../schema/json.ts';
import { fail, ok, type Result } from '../../schema/result.ts';
import type { FieldSet } from '../field-set/field-set.ts';
import { formatFieldsV1, parseFieldsV1, parseStoredFieldsV1 } from '../field-set/fields-v1.ts';
import { compareText } from '../../schema/compare-text.ts';

/** Who made a change, and how: what tells entries of managedFields apart. */
export interface ManagerId {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  /** Of an update: the version that it was made in. '' for Apply, since an applier is one across versions. */
  readonly apiVersion: string;
  readonly subresource: string;
}

/** What one manager owns. */
export interface ManagedSet {
  readonly id: ManagerId;
  readonly set: FieldSet;
  /** Version in which the paths are written. */
  readonly apiVersion: string;
  /** RFC 3339; absent in entries that somebody wrote without one. */
  readonly time: string | undefined;
  /** The set as it was read, kept so that an entry nobody touched is written as it was. */
  readonly written?: JsonObject;
}

/** All managers of an object, by {@link managerKey}. */
export type Managers = Map<string, ManagedSet>;

/** The key of a manager in {@link Managers}; sorts as upstream's identifiers do. */
export function managerKey({ manager, operation, apiVersion, subresource }: ManagerId): string {
  return JSON.stringify({
    ...(manager !== '' && { manager }),
    operation,
    ...(apiVersion !== '' && { apiVersion }),
    ...(subresource !== '' && { subresource }),
  });
}

/**
 * Reads `metadata.managedFields`; the error names the first entry that is malformed. `stored` tells that the entries are
 * of a stored object: they are remembered, and written back as they were.
 */
export function decodeManagers(entries: JsonValue | undefined, stored: boolean): Result<Managers, string> {
  const managers: Managers = new Map();
  if (entries === undefined || entries === null) return ok(managers);
  if (!Array.isArray(entries)) return fail('managedFields must be a list');
  for (const [index, entry] of entries.entries()) {
    const decoded = decodeEntry(entry, index, stored);
    if (!decoded.ok) return decoded;
    managers.set(managerKey(decoded.value.id), decoded.value);
  }
  return ok(managers);
}

/** Writes `metadata.managedFields`, sorted by operation, time and manager; undefined where there is no manager. */
export function encodeManagers(managers: Managers): JsonObject[] | undefined {
  if (managers.size === 0) return undefined;
  return [...managers.values()].toSorted(compareManaged).map(encodeEntry);
}

function decodeEntry(entry: JsonValue, index: number, stored: boolean): Result<ManagedSet, string> {
  if (!isJsonObject(entry)) return fail(`managedFields entry ${index} must be an object`);
  const operation = textField(entry, 'operation');
  if (operation !== 'Apply' && operation !== 'Update') return fail('operation must be `Apply` or `Update`');
  const apiVersion = textField(entry, 'apiVersion');
  if (apiVersion === '') return fail('apiVersion must not be empty');
  const fieldsType = textField(entry, 'fieldsType');
  if (fieldsType === '') return fail(`missing fieldsType in managed fields entry ${index}`);
  if (fieldsType !== 'FieldsV1')
    return fail(`invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${index}`);
  const fields = getOwn(entry, 'fieldsV1');
  const set = stored ? parseStoredFieldsV1(fields) : parseFieldsV1(fields);
  if (!set.ok) return fail(`error decoding set: ${set.error}`);
  const time = textField(entry, 'time');
  return ok({
    id: {
      manager: textField(entry, 'manager'),
      operation,
      apiVersion: operation === 'Apply' ? '' : apiVersion,
      subresource: textField(entry, 'subresource'),
    },
    set: set.value,
    apiVersion,
    time: time === '' ? undefined : time,
    ...(stored && isJsonObject(fields) && { written: fields }),
  });
}

function encodeEntry({ id, set, apiVersion, time, written }: ManagedSet): JsonObject {
  return {
    ...(id.manager !== '' && { manager: id.manager }),
    operation: id.operation,
    apiVersion,
    ...(time !== undefined && { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: written ?? formatFieldsV1(set),
    ...(id.subresource !== '' && { subresource: id.subresource }),
  };
}

function compareManaged(left: ManagedSet, right: ManagedSet): number {
  return (
    compareText(left.id.operation, right.id.operation) ||
    secondsOf(left.time) - secondsOf(right.time) ||
    compareText(left.id.manager, right.id.manager) ||
    compareText(left.apiVersion, right.apiVersion) ||
    compareText(left.id.subresource, right.id.subresource)
  );
}

/** Whole seconds of an RFC 3339 time, 0 where there is none: the order of entries. */
export function secondsOf(time: string | undefined): number {
  const atMs = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(atMs) ? 0 : Math.floor(atMs / 1000);
}

function textField(entry: JsonObject, name: string): string {
  const value = getOwn(entry, name);
  return typeof value === 'string' ? value : '';
}
