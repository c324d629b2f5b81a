import { cloneJson, getOwn, isJsonObject, setOwn, type JsonObject, type JsonValue } from '../schema/json.ts';
import { goType, goValue } from '../schema/go-print.ts';
import { maxNesting, nestsDeeper } from '../schema/nesting.ts';
import { fail, ok, type Result } from '../schema/result.ts';
import type { StructuralSchema } from '../schema/structural-schema.ts';
import type { PatchError } from './patch-error.ts';
import { fitsElementOrder, mergeStrategicList, orderItems, patchDirective } from './strategic-list.ts';

const retainKeysDirective = '$retainKeys';
const elementOrderPrefix = '$setElementOrder/';
const deletePrefix = '$deleteFromPrimitiveList/';

/**
 * Applies a strategic merge patch to an object of a built-in kind: maps are merged, lists by the merge key and strategy
 * that the schema gives them, null removes, and the directives $patch, $retainKeys, $setElementOrder and
 * $deleteFromPrimitiveList are carried out (Kubernetes "Update API Objects in Place Using kubectl patch").
 * The arguments are not changed.
 */
export function applyStrategicMergePatch(
  schema: StructuralSchema,
  document: JsonObject,
  patch: unknown,
): Result<JsonObject, PatchError> {
  if (!isJsonObject(patch)) return malformed('a strategic merge patch must be an object');
  if (nestsDeeper(patch, maxNesting)) return malformed('the patch nests too deep');
  return mergeMap(cloneJson(document), cloneJson(patch), schema);
}

function mergeMap(
  original: JsonObject,
  patch: JsonObject,
  schema: StructuralSchema | undefined,
): Result<JsonObject, PatchError> {
  const directive = getOwn(patch, patchDirective);
  if (directive !== undefined) return replaceMap(directive, patch);
  const wrong = retainKeys(original, patch) ?? mergeOrderedLists(original, patch, schema);
  if (wrong) return fail(wrong);
  for (const key of Object.keys(patch)) {
    const error = mergeField(original, key, patch[key]!, schema);
    if (error) return fail(error);
  }
  return ok(original);
}

function replaceMap(directive: JsonValue, patch: JsonObject): Result<JsonObject, PatchError> {
  if (directive === 'delete') return ok({});
  if (directive !== 'replace') {
    const message = `unknown patch type: ${goValue(directive)} in map: ${goValue(patch)}`;
    return fail({ kind: 'unexpected', message });
  }
  delete patch[patchDirective];
  return ok(patch);
}

function mergeField(
  original: JsonObject,
  key: string,
  value: JsonValue,
  schema: StructuralSchema | undefined,
): PatchError | undefined {
  if (key.startsWith(deletePrefix)) return deleteFromList(original, key.slice(deletePrefix.length), value);
  if (value === null) {
    delete original[key];
    return undefined;
  }
  const current = getOwn(original, key);
  const field = fieldSchema(schema, key);
  if (isJsonObject(current) && isJsonObject(value)) {
    if (field?.patchStrategy === 'replace') {
      setOwn(original, key, value);
      return undefined;
    }
    const merged = mergeMap(current, value, field);
    if (!merged.ok) return merged.error;
    setOwn(original, key, merged.value);
    return undefined;
  }
  if (Array.isArray(current) && Array.isArray(value)) {
    const merged = mergeListField(current, value, field);
    if (!merged.ok) return merged.error;
    setOwn(original, key, merged.value);
    return undefined;
  }
  const plain = withoutDirectives(value);
  if (plain === undefined) delete original[key];
  else setOwn(original, key, plain);
  return undefined;
}

function mergeListField(
  current: JsonValue[],
  patch: JsonValue[],
  field: StructuralSchema | undefined,
): Result<JsonValue[], PatchError> {
  if (!mergesItems(field)) return ok(patch);
  return mergeStrategicList(current, patch, {
    mergeKey: field?.patchMergeKey ?? '',
    mergeItem: (original, item) => mergeMap(original, item, field?.items),
  });
}

function mergesItems(field: StructuralSchema | undefined): boolean {
  return field?.patchStrategy === 'merge' || field?.patchStrategy === 'merge,retainKeys';
}

function deleteFromList(original: JsonObject, key: string, value: JsonValue): PatchError | undefined {
  const current = getOwn(original, key);
  if (current === undefined) return undefined;
  if (!Array.isArray(value) || !Array.isArray(current))
    return bad(`${deletePrefix}${key} needs a list of primitives on both sides`);
  const gone = new Set(value);
  original[key] = current.filter((item) => !gone.has(item));
  return undefined;
}

/** Takes out of the original what `$retainKeys` does not list. */
function retainKeys(original: JsonObject, patch: JsonObject): PatchError | undefined {
  const keys = getOwn(patch, retainKeysDirective);
  if (keys === undefined) return undefined;
  delete patch[retainKeysDirective];
  if (!Array.isArray(keys)) return bad('invalid patch format of retainKeys');
  const kept = new Set(keys);
  for (const key of Object.keys(patch)) {
    if (patch[key] === null || key.startsWith(deletePrefix) || key.startsWith(elementOrderPrefix)) continue;
    if (!kept.has(key)) return bad('invalid patch format of retainKeys');
  }
  for (const key of Object.keys(original)) if (!kept.has(key)) delete original[key];
  return undefined;
}

/** Carries out `$setElementOrder/x` together with the patch's list `x`, and takes both out of the patch. */
function mergeOrderedLists(
  original: JsonObject,
  patch: JsonObject,
  schema: StructuralSchema | undefined,
): PatchError | undefined {
  for (const directive of Object.keys(patch)) {
    if (!directive.startsWith(elementOrderPrefix.slice(0, -1))) continue;
    const order = patch[directive]!;
    delete patch[directive];
    if (!Array.isArray(order)) return badArgument(order);
    if (!directive.startsWith(elementOrderPrefix)) return bad('invalid patch format of setElementOrder list');
    const error = mergeOrderedList(original, patch, {
      key: directive.slice(elementOrderPrefix.length),
      order,
      schema,
    });
    if (error) return error;
  }
  return undefined;
}

function mergeOrderedList(
  original: JsonObject,
  patch: JsonObject,
  { key, order, schema }: { key: string; order: JsonValue[]; schema: StructuralSchema | undefined },
): PatchError | undefined {
  const current = getOwn(original, key);
  const changes = getOwn(patch, key);
  if (current !== undefined && !Array.isArray(current)) return badArgument(current);
  if (changes !== undefined && !Array.isArray(changes)) return badArgument(changes);
  if (current === undefined && changes === undefined) return undefined;
  const field = fieldSchema(schema, key);
  const mergeKey = field?.patchMergeKey ?? '';
  if (!fitsElementOrder(changes ?? [], order, mergeKey)) {
    const message = `The order in patch list:\n${goValue(changes ?? [])}\n doesn't match $setElementOrder list:\n${goValue(order)}\n`;
    return { kind: 'unexpected', message };
  }
  const originalOrder = [...(current ?? [])];
  const merged = combine(current && originalOrder, changes, field);
  if (!merged.ok) return merged.error;
  setOwn(original, key, orderItems(merged.value, { patchOrder: order, originalOrder, mergeKey }));
  delete patch[key];
  return undefined;
}

function combine(
  current: JsonValue[] | undefined,
  changes: JsonValue[] | undefined,
  field: StructuralSchema | undefined,
): Result<JsonValue[], PatchError> {
  if (changes === undefined) return ok(current ?? []);
  if (current === undefined) return ok((withoutDirectives(changes) ?? []) as JsonValue[]);
  return mergeListField(current, changes, field);
}

/** A patch's value as it is where nothing is to be merged with: directives and nulls in it are dropped. */
function withoutDirectives(value: JsonValue): JsonValue | undefined {
  if (Array.isArray(value)) return value.map(withoutDirectives).filter((item) => item !== undefined);
  if (!isJsonObject(value)) return value;
  if (Object.hasOwn(value, patchDirective)) return undefined;
  const plain: JsonObject = {};
  for (const key of Object.keys(value)) {
    const item = value[key]!;
    const kept = item === null ? undefined : withoutDirectives(item);
    if (kept !== undefined) setOwn(plain, key, kept);
  }
  return plain;
}

function fieldSchema(schema: StructuralSchema | undefined, key: string): StructuralSchema | undefined {
  const { properties, additionalProperties } = schema ?? {};
  if (properties && Object.hasOwn(properties, key)) return properties[key];
  return additionalProperties === true ? undefined : additionalProperties;
}

/** A value of the wrong kind, for which upstream has no status. */
function badArgument(value: JsonValue): PatchError {
  const number = Number.isInteger(value) ? 'int64' : 'float64';
  const type = isJsonObject(value)
    ? 'map[string]interface {}'
    : typeof value === 'number'
      ? number
      : goType(value);
  return { kind: 'unexpected', message: `expected a []interface {}, but received a ${type}` };
}

function bad(message: string): PatchError {
  return { kind: 'malformed', message };
}

function malformed(message: string): { ok: false; error: PatchError } {
  return fail(bad(message));
}
