const ids = new WeakMap<Error, string>();

/** The id under which an unexpected error is logged and told to the client; one for each error. */
export function errorLogId(error: Error): string {
  const known = ids.get(error);
  if (known !== undefined) return known;
  const id = crypto.randomUUID().slice(0, 8);
  ids.set(error, id);
  return id;
}
