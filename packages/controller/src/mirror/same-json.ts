/** Whether two values would be the same JSON, whatever the order of their fields. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((each, i) => sameJson(each, b[i]))
    );
  }
  return sameFields(a as Record<string, unknown>, b as Record<string, unknown>);
}

/* A field without a value is no field. */
function sameFields(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): boolean {
  const has = (object: object, key: string) => Object.hasOwn(object, key);
  return (
    Object.keys(a).every((key) => a[key] === undefined || (has(b, key) && sameJson(a[key], b[key]))) &&
    Object.keys(b).every((key) => b[key] === undefined || (has(a, key) && a[key] !== undefined))
  );
}
