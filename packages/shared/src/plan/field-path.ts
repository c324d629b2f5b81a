import { isRecord } from '../is-record.ts';
import { err, ok, type Result } from '../result.ts';

/** One part of a field's path: a name in an object, an element of a list-map by its keys, or one of a set. */
export type PathPart =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'keys'; readonly keys: readonly (readonly [string, string])[] }
  | { readonly kind: 'item'; readonly item: string };

/** Reads a path as `diffFields` writes it: `spec.clusters[name=aws-east].slices`, `metadata.annotations."a.b/c"`. */
export function parseFieldPath(path: string): Result<readonly PathPart[], string> {
  const parts: PathPart[] = [];
  let rest = path;
  while (rest !== '') {
    const match = /^\.?(?:"([^"]*)"|([A-Za-z0-9_-]+))|^\[([^\]]*)\]/.exec(rest);
    if (match === null) return err(`${path} is no path of a field`);
    const [whole, quoted, plain, bracket] = match;
    parts.push(bracket === undefined ? { kind: 'name', name: quoted ?? plain ?? '' } : bracketPart(bracket));
    rest = rest.slice(whole.length);
  }
  return parts.length === 0 ? err('the path is empty') : ok(parts);
}

function bracketPart(text: string): PathPart {
  const keys = text.split(',').map((entry) => entry.split('='));
  return keys.every((entry) => entry.length === 2)
    ? { kind: 'keys', keys: keys as [string, string][] }
    : { kind: 'item', item: text };
}

/** The same path as the API writes it in a conflict: `.spec.clusters[name="aws-east"].slices`. */
export function apiFieldOf(path: string): string {
  const parts = parseFieldPath(path);
  if (!parts.ok) return path;
  return parts.value
    .map((part) => {
      if (part.kind === 'name') return `.${part.name}`;
      if (part.kind === 'item') return `[=${JSON.stringify(part.item)}]`;
      const keys = part.keys.toSorted(([a], [b]) => (a < b ? -1 : 1));
      return `[${keys.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    })
    .join('');
}

/** True where an API's field is the other or below it. */
export function isFieldAtOrBelow(field: string, above: string): boolean {
  return field === above || field.startsWith(`${above}.`) || field.startsWith(`${above}[`);
}

/** The object without one field; the same object where it has no such field. */
export function withoutField<T>(object: T, parts: readonly PathPart[]): T {
  const [part, ...rest] = parts;
  if (part === undefined) return object;
  if (part.kind === 'name') {
    if (!isRecord(object) || !Object.hasOwn(object, part.name)) return object;
    const { [part.name]: child, ...others } = object;
    return (rest.length === 0 ? others : { ...object, [part.name]: withoutField(child, rest) }) as T;
  }
  if (!Array.isArray(object)) return object;
  const isMeant = (item: unknown) => isElement(item, part);
  return (
    rest.length === 0
      ? object.filter((item) => !isMeant(item))
      : object.map((item: unknown) => (isMeant(item) ? withoutField(item, rest) : item))
  ) as T;
}

/** The object with one field set; elements of lists that are not there are put in last. */
export function withField<T>(object: T, parts: readonly PathPart[], value: unknown): T {
  const [part, ...rest] = parts;
  if (part === undefined) return value as T;
  if (part.kind === 'name') {
    const record: Record<string, unknown> = isRecord(object) ? object : {};
    const child = Object.hasOwn(record, part.name) ? record[part.name] : undefined;
    return { ...record, [part.name]: withField(child, rest, value) } as T;
  }
  const list: readonly unknown[] = Array.isArray(object) ? object : [];
  const at = list.findIndex((item) => isElement(item, part));
  return (
    at === -1 ? [...list, withField(undefined, rest, value)] : list.with(at, withField(list[at], rest, value))
  ) as T;
}

function isElement(item: unknown, part: Exclude<PathPart, { kind: 'name' }>): boolean {
  return part.kind === 'item'
    ? String(item) === part.item
    : isRecord(item) && part.keys.every(([key, value]) => String(item[key]) === value);
}
