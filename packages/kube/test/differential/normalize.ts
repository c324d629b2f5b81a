import type { Json } from '../conformance/api.ts';
import type { Transcript } from './run-sequence.ts';

const UID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const MADE_UP_UID = /^00000000-/;
/** Times of today; those that requests hold are of the second of January. */
const TIME = /^(?!2026-01-02)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
/** From the range of cluster IPs. */
const CLUSTER_IP = /^10\.(?:9[6-9]|10\d|11[01])\.\d+\.\d+$/;

/**
 * A transcript without what each server makes up by itself: uids, allocated addresses and ports are numbered in the
 * order in which they appear, times are hidden, versions of objects become their rank among all that were seen, and a
 * list's version says after which of these it is.
 */
export function normalize({ outcomes, events }: Transcript): Transcript {
  const ranks = ranksOf([outcomes.map(({ body }) => body), events]);
  const names = new Map<string, string>();
  const nameOf = (kind: string, value: string) => {
    if (!names.has(value)) names.set(value, `<${kind} ${names.size}>`);
    return names.get(value)!;
  };
  const visit = (value: Json, key = ''): Json => {
    if (Array.isArray(value)) {
      const items = value.map((item) => visit(item, key));
      return key === 'managedFields' ? items.toSorted(byManager) : items;
    }
    if (typeof value === 'object' && value !== null) return visitObject(value, visit, ranks);
    if (typeof value === 'number' && (key === 'nodePort' || key === 'healthCheckNodePort'))
      return value < 30_000 ? value : nameOf('port', String(value));
    if (typeof value !== 'string') return value;
    if (TIME.test(value)) return '<time>';
    if (CLUSTER_IP.test(value)) return nameOf('address', value);
    const text = value.replaceAll(UID, (uid) => (MADE_UP_UID.test(uid) ? uid : nameOf('uid', uid)));
    return key === 'message' ? stableMessage(text) : text;
  };
  return {
    outcomes: outcomes.map(({ code, body, warnings }) => ({ code, body: visit(body), warnings })),
    events: visit(events),
  };
}

function visitObject(
  object: Json,
  visit: (value: Json, key: string) => Json,
  ranks: readonly number[],
): Json {
  const isList = Array.isArray(object.items) && object.metadata !== undefined;
  const isRefusal = Array.isArray(object.details?.causes);
  const entries = Object.entries(object).map(([key, value]) => {
    if (key === 'message' && isRefusal) return [key, String(value).replace(/(is invalid: ).*$/s, '$1…')];
    if (key === 'causes' && Array.isArray(value)) return [key, withoutRepeats(visit(value, key))];
    if (key === 'message' && object.field === 'patch' && !String(value).includes('strict decoding'))
      return [key, 'Invalid value: …'];
    if (key === 'resourceVersion' && typeof value === 'string')
      return [key, `<version ${ranks.indexOf(Number(value))}>`];
    if (key === 'metadata' && isList) return [key, listMeta(value, ranks)];
    return [key, visit(value, key)];
  });
  return Object.fromEntries(entries);
}

function listMeta({ resourceVersion, ...rest }: Json, ranks: readonly number[]): Json {
  const before = ranks.filter((rank) => rank <= Number(resourceVersion)).length;
  return { ...rest, resourceVersion: `<after ${before}>`, ...(rest.continue && { continue: '<token>' }) };
}

/** All versions of objects, in order. */
function ranksOf(value: Json): number[] {
  const found = new Set<number>();
  const collect = (part: Json): void => {
    if (typeof part !== 'object' || part === null) return;
    const isList = Array.isArray(part.items);
    if (!isList && typeof part.metadata?.resourceVersion === 'string')
      found.add(Number(part.metadata.resourceVersion));
    Object.values(part).forEach(collect);
  };
  collect(value);
  return [...found].toSorted((one, other) => one - other);
}

/** Since 1.34 a cause is given once. Conflicts come in any order. */
function withoutRepeats(causes: Json[]): Json[] {
  if (causes[0]?.reason === 'FieldManagerConflict')
    return causes.toSorted((one, other) => (one.message + one.field < other.message + other.field ? -1 : 1));
  const texts = causes.map((cause) => JSON.stringify(cause));
  return causes.filter((_, index) => texts.indexOf(texts[index]!) === index).toSorted(byField);
}

/** Of several broken rules the servers speak in other orders. */
function byField(one: Json, other: Json): number {
  return one.field + one.message < other.field + other.message ? -1 : 1;
}

/** Entries are in order of their times, which are hidden. */
function byManager(one: Json, other: Json): number {
  const key = ({ operation, manager, subresource, apiVersion }: Json) =>
    JSON.stringify([operation, manager, subresource, apiVersion]);
  return key(one) < key(other) ? -1 : 1;
}

/** Versions in words. How a refused value is shown changed with 1.34; the words after it did not. */
function stableMessage(text: string): string {
  return (
    text
      .replaceAll(/Invalid value: (?:"(?:[^"\\]|\\.)*"|[^"].*?): (?=\S)/g, 'Invalid value: ')
      .replaceAll(/no more than (\d+) (?:bytes|characters)/g, 'no more than $1')
      .replaceAll(/Duplicate value: .*$/gs, 'Duplicate value')
      // Go looks at fields in any order, and no further than one that it does not know.
      .replaceAll(/(failed to create typed patch object \([^)]*\): ).*field not declared.*$/gs, '$1…')
      .replaceAll(/(failed to create typed patch object \([^)]*\): errors:).*$/gs, '$1…')
      // Of an element without its key structured-merge-diff speaks in other words since its version 6.
      .replaceAll(/element that omits (?:all key fields|key field) .*$/gs, 'element that omits its keys')
      .replaceAll(/(pod updates may not change fields other than ).*$/gs, '$1…')
      .replaceAll(/(Apply failed with \d+ conflicts?: ).*$/gs, '$1…')
      .replaceAll(/Unsupported value: .*?: supported/g, 'Unsupported value: : supported')
      .replaceAll(/: supported values: .*$/gs, ': supported values')
      .replaceAll(/failed to convert new object \([^)]*\)/g, 'failed to convert new object')
      .replaceAll(/(cannot be handled as a \w+: |patch: Invalid value: )(?!strict decoding).*$/gs, '$1…')
      .replaceAll(/(unable to convert unstructured object to .*?: ).*$/gs, '$1…')
      .replaceAll(/StorageError: invalid object, Code: 4, Key: .*?, AdditionalErrorMsg: /g, '')
      .replaceAll(/(unable to parse requirement: <nil>: ).*$/gs, '$1…')
      .replaceAll(/(continue key is not valid).*$/gs, '$1')
      .replaceAll(/(ResourceVersion in [a-z]+ ?\(?:? ?)\d+/g, '$1<version>')
      .replaceAll(/(precondition|record|meta): \d+/g, '$1: <version>')
      .replaceAll(/\((\d+)\)/g, '(<version>)')
  );
}
