import { isJsonObject, type JsonObject, type JsonValue } from '../../schema/json.ts';
import { fail, ok, type Result } from '../../schema/result.ts';
import { nestsDeeper, maxNesting } from '../../schema/nesting.ts';
import { descend, newNode, sortedElements, type FieldSet } from './field-set.ts';
import { parsePathElement } from './path-element.ts';

/** Reads `fieldsV1`. Elements of unknown types are left out; malformed ones are an error. */
export function parseFieldsV1(fields: JsonValue | undefined): Result<FieldSet, string> {
  const root = newNode();
  if (fields === undefined || fields === null) return ok(root);
  if (!isJsonObject(fields)) return fail('fieldsV1 must be an object');
  if (nestsDeeper(fields, maxNesting)) return fail('fieldsV1 nests too deep');
  const error = readInto(root, fields);
  root.member = false;
  return error === undefined ? ok(root) : fail(error);
}

/** Writes a set as `fieldsV1`, its keys in upstream's order. */
export function formatFieldsV1(set: FieldSet): JsonObject {
  const fields = writeNode(set, false);
  known.set(fields, set);
  return fields;
}

/**
 * Reads `fieldsV1` of a stored object, which nobody changes any more: what was read or written once is remembered for
 * as long as the object lives.
 */
export function parseStoredFieldsV1(fields: JsonValue | undefined): Result<FieldSet, string> {
  const set = isJsonObject(fields) ? known.get(fields) : undefined;
  if (set) return ok(set);
  const parsed = parseFieldsV1(fields);
  if (parsed.ok && isJsonObject(fields)) known.set(fields, parsed.value);
  return parsed;
}

const known = new WeakMap<JsonObject, FieldSet>();

const memberMark = '.';

function readInto(node: FieldSet, fields: JsonObject): string | undefined {
  let isInner = false;
  for (const key of Object.keys(fields)) {
    if (key === memberMark) {
      node.member = true;
      continue;
    }
    const element = parsePathElement(key);
    if (!element.ok) return element.error;
    if (element.value === 'unknown') continue;
    isInner = true;
    const below = fields[key];
    const child = descend(node, element.value);
    if (!isJsonObject(below)) {
      child.member = true;
      continue;
    }
    const error = readInto(child, below);
    if (error !== undefined) return error;
  }
  if (!isInner) node.member = true;
  return undefined;
}

function writeNode(set: FieldSet, markMember: boolean): JsonObject {
  const fields: JsonObject = {};
  if (!set.children || set.children.size === 0) return fields;
  if (markMember) fields[memberMark] = {};
  for (const element of sortedElements(set)) {
    const child = set.children.get(element)!;
    fields[element] = writeNode(child, child.member);
  }
  return fields;
}
