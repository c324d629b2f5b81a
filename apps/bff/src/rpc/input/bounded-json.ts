/** No object of the Kubernetes API is nested deeper. */
export const MAX_DEPTH = 64;

/**
 * Why a JSON value must not be worked on further, or undefined where it may: nesting beyond `MAX_DEPTH` would
 * exhaust the stack of whatever recurses into it, and a key `__proto__` has no honest use.
 */
export function boundedJsonFault(value: unknown): string | undefined {
  let level: object[] = typeof value === 'object' && value !== null ? [value] : [];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === MAX_DEPTH) return `is nested deeper than ${MAX_DEPTH} levels`;
    const next: object[] = [];
    for (const item of level) {
      if (Object.hasOwn(item, '__proto__')) return 'has a field __proto__';
      for (const inner of Object.values(item))
        if (typeof inner === 'object' && inner !== null) next.push(inner);
    }
    level = next;
  }
  return undefined;
}
