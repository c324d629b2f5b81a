import { parseIpAddress, type IpAddress } from '../../address/ip.ts';

/** Reads nested fields of an untrusted object: whatever has another type than asked for is left out. */
export function field(value: unknown, ...path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

/** A string field, or the fallback. */
export function text(value: unknown, fallback: string, ...path: readonly string[]): string {
  const found = field(value, ...path);
  return typeof found === 'string' ? found : fallback;
}

/** A finite number field, or the fallback. */
export function count(value: unknown, fallback: number, ...path: readonly string[]): number {
  const found = field(value, ...path);
  return typeof found === 'number' && Number.isFinite(found) ? found : fallback;
}

/** An array field, or an empty one. */
export function list(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = field(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** A field that maps strings to strings; other values are left out. */
export function stringMap(value: unknown, ...path: readonly string[]): Record<string, string> {
  const found = field(value, ...path);
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return {};
  return Object.fromEntries(
    Object.entries(found).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** The addresses among some texts, in canonical form. */
export function addresses(texts: readonly unknown[]): IpAddress[] {
  return texts.flatMap((candidate) => {
    const parsed = typeof candidate === 'string' ? parseIpAddress(candidate) : undefined;
    return parsed?.ok ? [parsed.value] : [];
  });
}
