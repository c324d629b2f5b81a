import { stringify } from 'yaml';

const FIRST_KEYS = ['apiVersion', 'kind', 'metadata', 'spec', 'status', 'name', 'namespace'];

/** YAML of a value with keys in one fixed order: the same value gives the same bytes. */
export function stableYaml(value: unknown): string {
  return stringify(sortKeys(value), { lineWidth: 0, aliasDuplicateObjects: false });
}

/** A copy of a JSON value with the keys of every object in a fixed order. Drops undefined. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== 'object' || value === null) return value;
  const source = value as Record<string, unknown>;
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(source).toSorted(compareKeys)) {
    if (source[key] !== undefined)
      Object.defineProperty(out, key, {
        value: sortKeys(source[key]),
        enumerable: true,
        writable: true,
        configurable: true,
      });
  }
  return out;
}

function compareKeys(a: string, b: string): number {
  return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}

function rank(key: string): number {
  const index = FIRST_KEYS.indexOf(key);
  return index === -1 ? FIRST_KEYS.length : index;
}
