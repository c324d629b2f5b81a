import {
  cloneJson,
  equalJson,
  getOwn,
  isJsonObject,
  setOwn,
  type JsonObject,
  type JsonValue,
} from '../schema/json.ts';
import { maxNesting, nestsDeeper } from '../schema/nesting.ts';
import { fail, ok, type Result } from '../schema/result.ts';
import { parseIndex, parseJsonPointer } from './json-pointer.ts';
import type { PatchError } from './patch-error.ts';

/** Most operations of one patch, as kube-apiserver has it. */
export const maxPatchOperations = 10_000;

/** Most characters of JSON that the copy operations of one patch may add up to. */
const maxCopiedChars = 3 * 1024 * 1024;

/**
 * Applies an RFC 6902 JSON patch. All operations or none: the argument is not changed. Operations are strict: paths must
 * exist, `test` must hold, unknown operations and missing members are refused.
 */
export function applyJsonPatch(document: JsonObject, patch: unknown): Result<JsonObject, PatchError> {
  if (!Array.isArray(patch)) return malformed('a JSON patch must be a list of operations');
  if (patch.length > maxPatchOperations) {
    const message = `The allowed maximum operations in a JSON patch is ${maxPatchOperations}, got ${patch.length}`;
    return fail({ kind: 'too-large', message });
  }
  if (nestsDeeper(patch, maxNesting)) return malformed('the patch nests too deep');
  const state: PatchState = { root: cloneJson(document), copiedChars: 0 };
  for (const [index, json] of patch.entries()) {
    const operation = parseOperation(json, index);
    if (!operation.ok) return operation;
    const error = run(state, operation.value);
    if (error)
      return fail({ ...error, message: `operation ${index} (${operation.value.op}): ${error.message}` });
  }
  if (!isJsonObject(state.root))
    return fail({ kind: 'failed', message: 'the patched document is not an object' });
  if (nestsDeeper(state.root, maxNesting))
    return fail({ kind: 'failed', message: 'the patched document nests too deep' });
  return ok(state.root);
}

type OperationName = 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';

interface Operation {
  readonly op: OperationName;
  readonly path: readonly string[];
  readonly pointer: string;
  readonly from: readonly string[];
  readonly value: JsonValue;
}

interface PatchState {
  root: JsonValue;
  copiedChars: number;
}

const withValue = new Set<string>(['add', 'replace', 'test']);
const withFrom = new Set<string>(['move', 'copy']);

function parseOperation(json: unknown, index: number): Result<Operation, PatchError> {
  if (!isJsonObject(json)) return malformed(`operation ${index} must be an object`);
  const op = getOwn(json, 'op');
  if (typeof op !== 'string' || !['add', 'remove', 'replace', 'move', 'copy', 'test'].includes(op)) {
    return malformed(`operation ${index}: unknown operation ${JSON.stringify(op ?? null)}`);
  }
  const pointer = getOwn(json, 'path');
  if (typeof pointer !== 'string') return malformed(`operation ${index} (${op}): path must be a string`);
  const path = parseJsonPointer(pointer);
  if (!path.ok) return malformed(`operation ${index} (${op}): ${path.error}`);
  const value = getOwn(json, 'value');
  if (withValue.has(op) && value === undefined)
    return malformed(`operation ${index} (${op}): value is missing`);
  let from: readonly string[] = [];
  if (withFrom.has(op)) {
    const source = getOwn(json, 'from');
    if (typeof source !== 'string') return malformed(`operation ${index} (${op}): from must be a string`);
    const parsed = parseJsonPointer(source);
    if (!parsed.ok) return malformed(`operation ${index} (${op}): ${parsed.error}`);
    from = parsed.value;
  }
  return ok({ op: op as OperationName, path: path.value, pointer, from, value: value ?? null });
}

function run(state: PatchState, operation: Operation): PatchError | undefined {
  const { op, path } = operation;
  switch (op) {
    case 'add':
      return add(state, path, cloneJson(operation.value));
    case 'remove':
      return remove(state, path);
    case 'replace': {
      if (path.length === 0) return add(state, path, cloneJson(operation.value));
      return remove(state, path) ?? add(state, path, cloneJson(operation.value));
    }
    case 'move':
      return move(state, operation);
    case 'copy':
      return copy(state, operation);
    case 'test': {
      const actual = read(state.root, path);
      if (actual === undefined) return missing(path);
      return equalJson(actual, operation.value)
        ? undefined
        : failed(`testing value ${operation.pointer} failed`);
    }
  }
}

function move(state: PatchState, { from, path }: Operation): PatchError | undefined {
  const value = read(state.root, from);
  if (value === undefined) return missing(from);
  if (from.length < path.length && from.every((token, index) => token === path[index])) {
    return failed('a value cannot be moved into itself');
  }
  if (from.length === path.length && from.every((token, index) => token === path[index])) return undefined;
  return remove(state, from) ?? add(state, path, value);
}

function copy(state: PatchState, { from, path }: Operation): PatchError | undefined {
  const value = read(state.root, from);
  if (value === undefined) return missing(from);
  state.copiedChars += JSON.stringify(value).length;
  if (state.copiedChars > maxCopiedChars) {
    return { kind: 'too-large', message: `copies add up to more than ${maxCopiedChars} bytes` };
  }
  return add(state, path, cloneJson(value));
}

function read(root: JsonValue, path: readonly string[]): JsonValue | undefined {
  let value: JsonValue | undefined = root;
  for (const token of path) {
    if (Array.isArray(value)) {
      const index = parseIndex(token);
      value = index === undefined ? undefined : value[index];
    } else value = isJsonObject(value) ? getOwn(value, token) : undefined;
  }
  return value;
}

function add(state: PatchState, path: readonly string[], value: JsonValue): PatchError | undefined {
  if (path.length === 0) {
    state.root = value;
    return undefined;
  }
  const parent = read(state.root, path.slice(0, -1));
  const token = path.at(-1)!;
  if (Array.isArray(parent)) {
    const index = token === '-' ? parent.length : parseIndex(token);
    if (index === undefined || index > parent.length) return missing(path);
    parent.splice(index, 0, value);
    return undefined;
  }
  if (!isJsonObject(parent)) return missing(path.slice(0, -1));
  setOwn(parent, token, value);
  return undefined;
}

function remove(state: PatchState, path: readonly string[]): PatchError | undefined {
  if (path.length === 0) return failed('the whole document cannot be removed');
  const parent = read(state.root, path.slice(0, -1));
  const token = path.at(-1)!;
  if (Array.isArray(parent)) {
    const index = parseIndex(token);
    if (index === undefined || index >= parent.length) return missing(path);
    parent.splice(index, 1);
    return undefined;
  }
  if (!isJsonObject(parent) || !Object.hasOwn(parent, token)) return missing(path);
  delete parent[token];
  return undefined;
}

function missing(path: readonly string[]): PatchError {
  const pointer = path.map((token) => `/${token.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
  return failed(`doc is missing path: ${pointer}`);
}

function failed(message: string): PatchError {
  return { kind: 'failed', message };
}

function malformed(message: string): { ok: false; error: PatchError } {
  return { ok: false, error: { kind: 'malformed', message } };
}
