/** Levels of objects and lists that an object of the API may have; deeper input is refused before any recursion. */
export const maxNesting = 500;

/** Tells whether a JSON value nests deeper than a number of levels. Uses no recursion, so that it can be asked of any value. */
export function nestsDeeper(value: unknown, maxLevels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  let level: object[] = [value];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxLevels) return true;
    const next: object[] = [];
    for (const container of level) {
      for (const child of Array.isArray(container) ? container : Object.values(container)) {
        if (typeof child === 'object' && child !== null) next.push(child);
      }
    }
    level = next;
  }
  return false;
}
