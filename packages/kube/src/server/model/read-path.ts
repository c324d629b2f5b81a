/** Reads a value below an object by its field names; undefined where a step is missing. */
export function readPath(root: unknown, path: readonly string[]): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

/** Sets a value below an object in place, making the objects on the way. */
export function writePath(root: object, path: readonly string[], value: unknown): void {
  let at = root as Record<string, unknown>;
  for (const step of path.slice(0, -1)) {
    const next = Object.hasOwn(at, step) ? at[step] : undefined;
    if (typeof next !== 'object' || next === null) at[step] = {};
    at = at[step] as Record<string, unknown>;
  }
  at[path.at(-1)!] = value;
}
