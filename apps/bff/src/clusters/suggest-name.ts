const MAX_LENGTH = 63;

/**
 * A cluster's name made from a context's: a DNS label that nothing has yet. Of `arn:…:cluster/prod` and
 * `admin@prod` the last part is taken.
 */
export function suggestName(context: string, taken: ReadonlySet<string>): string {
  const last = context.split(/[/@]/).findLast((part) => label(part) !== '') ?? '';
  const base = label(last) || 'cluster';
  for (let number = 1; ; number++) {
    const suffix = number === 1 ? '' : `-${number}`;
    const name = `${base.slice(0, MAX_LENGTH - suffix.length).replace(/-+$/, '')}${suffix}`;
    if (!taken.has(name)) return name;
  }
}

function label(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_LENGTH)
    .replaceAll(/^-+|-+$/g, '');
}
