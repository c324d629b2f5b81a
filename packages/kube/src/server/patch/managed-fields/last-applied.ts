import { getOwn, isJsonObject, setOwn, type JsonObject, type JsonValue } from '../../schema/json.ts';
import { maxNesting, nestsDeeper } from '../../schema/nesting.ts';
import { difference, type FieldSet } from '../field-set/field-set.ts';
import { goJson } from '../field-set/go-json.ts';
import { compareText } from '../../schema/compare-text.ts';
import { compareTyped } from '../typed/compare.ts';
import type { MergeType } from '../typed/merge-type.ts';
import { toFieldSet } from '../typed/to-field-set.ts';
import { validateTyped } from '../typed/validate.ts';

/** Where `kubectl apply` keeps what it applied last. */
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration';

/** The only manager whose client-side applies are taken over. */
export const clientSideApplier = 'kubectl';

/** Most bytes that the annotations of one object may have. */
const maxAnnotationsBytes = 256 * 1024;

/**
 * The fields that kubectl's last client-side apply set and that are still so: a server-side apply by kubectl may take
 * these without force. Undefined where there is no such annotation, or no sense in it.
 */
export function fieldsOfLastApplied(
  type: MergeType,
  live: JsonObject,
  apiVersion: string,
): FieldSet | undefined {
  const annotation = lastAppliedOf(live);
  if (annotation === '') return undefined;
  const last = parseObject(annotation);
  if (!last || getOwn(last, 'apiVersion') !== apiVersion) return undefined;
  if (validateTyped(type, last, false).length > 0) return undefined;
  const { added, modified, removed } = compareTyped(type, last, live);
  return difference(difference(difference(toFieldSet(type, last), modified), added), removed);
}

/** Keeps the annotation in step with what kubectl applied on the server. Gives the object as it is where it has none. */
export function syncLastApplied(object: JsonObject, config: JsonObject): JsonObject {
  if (lastAppliedOf(object) === '') return object;
  const value = `${goJson(sortKeys(withoutLastApplied(config)))}\n`;
  const metadata = { ...(getOwn(object, 'metadata') as JsonObject) };
  const annotations = { ...(metadata['annotations'] as JsonObject) };
  annotations[lastAppliedAnnotation] = value;
  if (annotationsBytes(annotations) > maxAnnotationsBytes) delete annotations[lastAppliedAnnotation];
  metadata['annotations'] = annotations;
  return { ...object, metadata };
}

function lastAppliedOf(object: JsonObject): string {
  const metadata = getOwn(object, 'metadata');
  const annotations = isJsonObject(metadata) ? getOwn(metadata, 'annotations') : undefined;
  const annotation = isJsonObject(annotations) ? getOwn(annotations, lastAppliedAnnotation) : undefined;
  return typeof annotation === 'string' ? annotation : '';
}

function withoutLastApplied(config: JsonObject): JsonObject {
  const metadata = getOwn(config, 'metadata');
  const annotations = isJsonObject(metadata) ? getOwn(metadata, 'annotations') : undefined;
  if (
    !isJsonObject(metadata) ||
    !isJsonObject(annotations) ||
    !Object.hasOwn(annotations, lastAppliedAnnotation)
  )
    return config;
  const { [lastAppliedAnnotation]: _last, ...rest } = annotations;
  return { ...config, metadata: { ...metadata, annotations: rest } };
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) && !nestsDeeper(value, maxNesting) ? value : undefined;
  } catch {
    return undefined;
  }
}

function sortKeys(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isJsonObject(value)) return value;
  const sorted: JsonObject = {};
  for (const key of Object.keys(value).toSorted(compareText)) setOwn(sorted, key, sortKeys(value[key]!));
  return sorted;
}

function annotationsBytes(annotations: JsonObject): number {
  let nBytes = 0;
  for (const [key, value] of Object.entries(annotations)) {
    nBytes += utf8Length(key) + (typeof value === 'string' ? utf8Length(value) : 0);
  }
  return nBytes;
}

function utf8Length(text: string): number {
  return new TextEncoder().encode(text).length;
}
