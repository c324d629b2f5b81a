import { celMap, type CelInput } from '@bufbuild/cel';
import { create } from '@bufbuild/protobuf';
import { DurationSchema, timestampFromMs } from '@bufbuild/protobuf/wkt';
import { isDateTime } from '../format.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { StructuralSchema } from '../structural-schema.ts';

type CelEntries = Map<string, CelInput>;

/**
 * A JSON value as CEL sees it by its schema: integers and numbers are told apart, times are timestamps, fields have
 * their escaped names. Values without a schema are what JSON makes them, with whole numbers as integers.
 */
export function toCelValue(schema: StructuralSchema | undefined, value: JsonValue): CelInput {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number')
    return schema?.type === 'number' || !Number.isInteger(value) ? value : BigInt(value);
  if (typeof value === 'string') return toCelText(schema, value);
  if (Array.isArray(value)) return value.map((item) => toCelValue(schema?.items, item));
  return celMap(toEntries(schema, value));
}

/** The name of a field in CEL, where some names are taken (Kubernetes "Validation rules", escaping). */
export function escapeFieldName(name: string): string {
  if (reserved.has(name)) return `__${name}__`;
  if (!/__|[-./]/.test(name)) return name;
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}

const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

function toEntries(schema: StructuralSchema | undefined, object: JsonObject): CelEntries {
  const entries: CelEntries = new Map();
  const { properties, additionalProperties } = schema ?? {};
  const others = additionalProperties === true ? undefined : additionalProperties;
  for (const name of Object.keys(object)) {
    const known = properties !== undefined && Object.hasOwn(properties, name);
    const field = known ? properties[name] : others;
    entries.set(known ? escapeFieldName(name) : name, toCelValue(field, object[name]!));
  }
  return entries;
}

function toCelText(schema: StructuralSchema | undefined, text: string): CelInput {
  switch (schema?.format ?? '') {
    case 'date-time':
    case 'datetime':
      return isDateTime(text) ? timestampFromMs(Date.parse(text)) : text;
    case 'date':
      return isDateTime(`${text}T00:00:00Z`) ? timestampFromMs(Date.parse(`${text}T00:00:00Z`)) : text;
    case 'duration':
      return toDuration(text) ?? text;
    case 'byte':
      return new Uint8Array(Buffer.from(text, 'base64'));
    default:
      return text;
  }
}

const nanosecondsOf: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** Reads a duration as Go writes it: `1h30m`. */
function toDuration(text: string): CelInput | undefined {
  if (!/^-?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  let nanoseconds = 0;
  for (const [, count, unit] of text.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h)/g)) {
    nanoseconds += Number(count) * nanosecondsOf[unit!]!;
  }
  const sign = text.startsWith('-') ? -1 : 1;
  const seconds = Math.trunc(nanoseconds / 1e9);
  return create(DurationSchema, {
    seconds: BigInt(seconds * sign),
    nanos: Math.round(nanoseconds % 1e9) * sign,
  });
}
