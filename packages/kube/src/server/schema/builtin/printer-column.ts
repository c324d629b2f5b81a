import { getOwn, isJsonObject, type JsonObject, type JsonValue } from '../json.ts';

/** One column of a `meta.k8s.io/v1` Table. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  /** `name` marks the column that stands for the object. */
  readonly format?: string;
  readonly description: string;
  /** 0 is always shown, 1 only with `-o wide`. */
  readonly priority: number;
  readonly cell: (object: JsonObject, nowMs: number) => JsonValue;
}

/** A column of a built-in kind. */
export function column(
  name: string,
  cell: (object: JsonObject, nowMs: number) => JsonValue,
  options: { type?: PrinterColumn['type']; description?: string; wide?: boolean } = {},
): PrinterColumn {
  return {
    name,
    type: options.type ?? 'string',
    description: options.description ?? '',
    priority: options.wide === true ? 1 : 0,
    cell,
  };
}

export const nameColumn: PrinterColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name must be unique within a namespace.',
  priority: 0,
  cell: (object) => textAt(object, 'metadata', 'name'),
};

export const ageColumn: PrinterColumn = column('Age', (object, nowMs) => ageOf(object, nowMs), {
  description: 'Time since the object was made.',
});

/** Time since `metadata.creationTimestamp` as kubectl shows it. */
export function ageOf(object: JsonObject, nowMs: number): string {
  return since(textAt(object, 'metadata', 'creationTimestamp'), nowMs);
}

/** Time since an RFC 3339 moment as kubectl shows it, `<unknown>` without one. */
export function since(moment: string, nowMs: number): string {
  const atMs = Date.parse(moment);
  return Number.isNaN(atMs) ? '<unknown>' : formatDuration(nowMs - atMs);
}

/** Shortens a duration as kubectl does: `42s`, `3m20s`, `5h`, `12d`, `2y40d` (apimachinery `duration.HumanDuration`). */
export function formatDuration(durationMs: number): string {
  const seconds = Math.trunc(durationMs / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 60 * 2) return `${seconds}s`;
  const minutes = Math.trunc(seconds / 60);
  if (minutes < 10) return withRest(minutes, 'm', seconds % 60, 's');
  if (minutes < 60 * 3) return `${minutes}m`;
  const hours = Math.trunc(minutes / 60);
  if (hours < 8) return withRest(hours, 'h', minutes % 60, 'm');
  if (hours < 48) return `${hours}h`;
  const days = Math.trunc(hours / 24);
  if (hours < 24 * 8) return withRest(days, 'd', hours % 24, 'h');
  if (hours < 24 * 365 * 2) return `${days}d`;
  const years = Math.trunc(hours / 24 / 365);
  if (hours < 24 * 365 * 8) return withRest(years, 'y', days % 365, 'd');
  return `${years}y`;
}

/** Reads what lies at a path of field names; undefined where there is nothing. */
export function valueAt(object: JsonObject, ...path: string[]): JsonValue | undefined {
  let value: JsonValue | undefined = object;
  for (const name of path) {
    if (!isJsonObject(value)) return undefined;
    value = getOwn(value, name);
  }
  return value;
}

/** Reads a string, '' where there is none. */
export function textAt(object: JsonObject, ...path: string[]): string {
  const value = valueAt(object, ...path);
  return typeof value === 'string' ? value : '';
}

/** Reads a number, 0 where there is none. */
export function numberAt(object: JsonObject, ...path: string[]): number {
  const value = valueAt(object, ...path);
  return typeof value === 'number' ? value : 0;
}

/** Reads a list, empty where there is none. */
export function listAt(object: JsonObject, ...path: string[]): JsonValue[] {
  const value = valueAt(object, ...path);
  return Array.isArray(value) ? value : [];
}

/** Reads the objects of a list. */
export function objectsAt(object: JsonObject, ...path: string[]): JsonObject[] {
  return listAt(object, ...path).filter(isJsonObject);
}

/** Shortens `1m0s` to `1m`. */
function withRest(count: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${count}${unit}` : `${count}${unit}${rest}${restUnit}`;
}
