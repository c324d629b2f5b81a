import {
  cloneJson,
  equalJson,
  getOwn,
  isJsonObject,
  setOwn,
  type JsonObject,
  type JsonValue,
} from '../schema/json.ts';
import { goType } from '../schema/go-print.ts';
import { maxNesting, nestsDeeper } from '../schema/nesting.ts';
import { fail, ok, type Result } from '../schema/result.ts';
import type { PatchError } from './patch-error.ts';

/**
 * Applies an RFC 7386 JSON merge patch: objects are merged, null removes, everything else replaces. The arguments are
 * not changed; the result shares parts of the document that the patch leaves alone.
 */
export function applyMergePatch(document: JsonObject, patch: unknown): Result<JsonObject, PatchError> {
  if (!isJsonObject(patch)) {
    const message = `error decoding patch: json: cannot unmarshal ${goType(patch)} into Go value of type map[string]interface {}`;
    return fail({ kind: 'malformed', message });
  }
  if (nestsDeeper(patch, maxNesting)) return fail({ kind: 'malformed', message: 'the patch nests too deep' });
  return ok(mergeObject(document, patch));
}

/** Makes the merge patch that turns one object into another; nulls inside the target cannot be expressed. */
export function makeMergePatch(from: JsonObject, to: JsonObject): JsonObject {
  const patch: JsonObject = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) setOwn(patch, key, null);
  for (const key of Object.keys(to)) {
    const before = getOwn(from, key);
    const after = to[key]!;
    if (equalJson(before, after)) continue;
    setOwn(
      patch,
      key,
      isJsonObject(before) && isJsonObject(after) ? makeMergePatch(before, after) : cloneJson(after),
    );
  }
  return patch;
}

function mergeObject(target: JsonObject, patch: JsonObject): JsonObject {
  const merged = { ...target };
  for (const key of Object.keys(patch)) {
    const value = patch[key]!;
    if (value === null) delete merged[key];
    else setOwn(merged, key, mergeValue(getOwn(merged, key), value));
  }
  return merged;
}

function mergeValue(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (isJsonObject(patch)) return mergeObject(isJsonObject(target) ? target : {}, patch);
  return isJsonObject(target) ? cloneJson(patch) : withoutNulls(patch);
}

/** A copy of a value that replaces another: upstream takes null members out of objects in lists too. */
function withoutNulls(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(withoutNulls);
  return isJsonObject(value) ? mergeObject({}, value) : value;
}
