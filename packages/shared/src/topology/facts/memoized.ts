/**
 * A pure function of an object, computed once for each object: list-watch caches keep an object's
 * identity until it changes, so that a rebuilt topology reads only what is new.
 */
export function memoized<Source extends object, Facts>(
  compute: (source: Source) => Facts,
): (source: Source) => Facts {
  const known = new WeakMap<Source, Facts>();
  return (source) => {
    const found = known.get(source);
    if (found !== undefined) return found;
    const facts = compute(source);
    known.set(source, facts);
    return facts;
  };
}
