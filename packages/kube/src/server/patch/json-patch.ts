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

/** Most operations of one patch, as kube-apiserver has it. */
export const maxPatchOperations = 10_000;

/** Most characters of JSON that the copy operations of one patch may add up to. */
const maxCopiedChars = 3 * 1024 * 1024;

/**
 * Applies an RFC 6902 JSON patch as kube-apiserver does (gopkg.in/evanphx/json-patch.v4). All operations or none: the
 * argument is not changed. It is laxer than the RFC where upstream is: `replace` makes a member that is not there, a
 * missing member tests and copies as null, as does a missing value, and negative indices count from the end.
 */
export function applyJsonPatch(document: JsonObject, patch: unknown): Result<JsonObject, PatchError> {
  const decoded = decodePatch(patch);
  if (!decoded.ok) return decoded;
  const operations = decoded.value;
  if (operations.length > maxPatchOperations) {
    const message = `The allowed maximum operations in a JSON patch is ${maxPatchOperations}, got ${operations.length}`;
    return fail({ kind: 'too-large', message });
  }
  if (nestsDeeper(patch as JsonValue, maxNesting)) return malformed('the patch nests too deep');
  const state: PatchState = { root: cloneJson(document), copiedChars: 0 };
  for (const [index, operation] of operations.entries()) {
    const error = run(state, operation);
    if (error) return fail({ ...error, message: `operation ${index} (${operation.op}): ${error.message}` });
  }
  if (!isJsonObject(state.root)) return fail(failed('the patched document is not an object'));
  if (nestsDeeper(state.root, maxNesting)) return fail(failed('the patched document nests too deep'));
  return ok(state.root);
}

interface Operation {
  readonly op: string;
  readonly path: string | undefined;
  readonly from: string | undefined;
  readonly value: JsonValue;
}

interface PatchState {
  root: JsonValue;
  copiedChars: number;
}

/** Go's decoding checks types alone; members that lack show when the operation runs. */
function decodePatch(patch: unknown): Result<Operation[], PatchError> {
  if (!Array.isArray(patch)) return undecodable(patch, 'value of type []handlers.jsonPatchOp');
  const operations: Operation[] = [];
  for (const json of patch as JsonValue[]) {
    if (!isJsonObject(json)) return undecodable(json, 'value of type handlers.jsonPatchOp');
    for (const member of ['op', 'path', 'from']) {
      const value = getOwn(json, member) ?? '';
      if (typeof value !== 'string')
        return undecodable(value, `struct field jsonPatchOp.${member} of type string`);
    }
    const [op, path, from] = ['op', 'path', 'from'].map((member) => getOwn(json, member)) as string[];
    operations.push({ op: op ?? 'unknown', path, from, value: getOwn(json, 'value') ?? null });
  }
  return ok(operations);
}

function undecodable(value: unknown, into: string): { ok: false; error: PatchError } {
  return malformed(`error decoding patch: json: cannot unmarshal ${goType(value)} into Go ${into}`);
}

function run(state: PatchState, operation: Operation): PatchError | undefined {
  const { op, path, from, value } = operation;
  switch (op) {
    case 'add':
      return add(state, path, cloneJson(value));
    case 'remove':
      return remove(state, path);
    case 'replace':
      return replace(state, path, cloneJson(value));
    case 'move': {
      const moved = read(state.root, from);
      if (!moved.ok) return moved.error;
      return remove(state, from) ?? add(state, path, moved.value);
    }
    case 'copy': {
      const copied = read(state.root, from);
      return copied.ok ? copy(state, path, copied.value) : copied.error;
    }
    case 'test': {
      const actual = path === '' ? ok(state.root) : read(state.root, path);
      if (!actual.ok) return actual.error;
      return equalJson(actual.value, value) ? undefined : failed(`testing value ${path} failed`);
    }
    default:
      return failed(`unexpected kind: ${op}`);
  }
}

function copy(state: PatchState, path: string | undefined, value: JsonValue): PatchError | undefined {
  state.copiedChars += JSON.stringify(value).length;
  if (state.copiedChars > maxCopiedChars) return failed(`copies add up to more than ${maxCopiedChars} bytes`);
  return add(state, path, cloneJson(value));
}

/** The value at a pointer; a member that is not there reads as null. */
function read(root: JsonValue, path: string | undefined): Result<JsonValue, PatchError> {
  const place = find(root, path);
  if (!place) return fail(missing(path));
  const { parent, token } = place;
  if (!Array.isArray(parent)) return ok(getOwn(parent, token) ?? null);
  const index = indexOf(token, parent.length);
  return index !== undefined && index < parent.length ? ok(parent[index]!) : fail(missing(path));
}

interface Place {
  readonly parent: JsonValue[] | JsonObject;
  readonly token: string;
}

/** What holds the value at a pointer; undefined where the pointer has no parent, or its parent is not there. */
function find(root: JsonValue, path: string | undefined): Place | undefined {
  const tokens = (path ?? '')
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  const token = tokens.pop();
  if (token === undefined) return undefined;
  let parent: JsonValue | undefined = root;
  for (const step of tokens) {
    if (Array.isArray(parent)) {
      const index = indexOf(step, parent.length);
      parent = index === undefined ? undefined : parent[index];
    } else parent = isJsonObject(parent) ? getOwn(parent, step) : undefined;
  }
  return Array.isArray(parent) || isJsonObject(parent) ? { parent, token } : undefined;
}

/** An index as Go's `Atoi` reads it; from the end where it is negative. */
function indexOf(token: string, length: number): number | undefined {
  if (!/^[+-]?\d{1,9}$/.test(token)) return undefined;
  const index = Number(token);
  if (index >= 0) return index;
  return index < -length ? undefined : index + length;
}

function add({ root }: PatchState, path: string | undefined, value: JsonValue): PatchError | undefined {
  const place = find(root, path);
  if (!place) return missing(path);
  const { parent, token } = place;
  if (!Array.isArray(parent)) {
    setOwn(parent, token, value);
    return undefined;
  }
  const index = token === '-' ? parent.length : indexOf(token, parent.length + 1);
  if (index === undefined || index > parent.length) return missing(path);
  parent.splice(index, 0, value);
  return undefined;
}

function replace(state: PatchState, path: string | undefined, value: JsonValue): PatchError | undefined {
  if (path === '') {
    state.root = value;
    return undefined;
  }
  const place = find(state.root, path);
  if (!place) return missing(path);
  const { parent, token } = place;
  if (!Array.isArray(parent)) {
    setOwn(parent, token, value);
    return undefined;
  }
  const index = indexOf(token, parent.length);
  if (index === undefined || index >= parent.length) return missing(path);
  parent[index] = value;
  return undefined;
}

function remove({ root }: PatchState, path: string | undefined): PatchError | undefined {
  const place = find(root, path);
  if (!place) return missing(path);
  const { parent, token } = place;
  if (!Array.isArray(parent)) {
    if (!Object.hasOwn(parent, token)) return missing(path);
    delete parent[token];
    return undefined;
  }
  const index = indexOf(token, parent.length);
  if (index === undefined || index >= parent.length) return missing(path);
  parent.splice(index, 1);
  return undefined;
}

function missing(path: string | undefined): PatchError {
  return failed(`doc is missing path: ${path}`);
}

function failed(message: string): PatchError {
  return { kind: 'failed', message };
}

function malformed(message: string): { ok: false; error: PatchError } {
  return { ok: false, error: { kind: 'malformed', message } };
}
