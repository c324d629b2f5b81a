import { fail, ok, type Result } from '../schema/result.ts';

/** Splits an RFC 6901 pointer into its unescaped tokens; '' is the whole document. */
export function parseJsonPointer(pointer: string): Result<string[], string> {
  if (pointer === '') return ok([]);
  if (!pointer.startsWith('/'))
    return fail(`JSON pointer ${JSON.stringify(pointer)} must be empty or start with "/"`);
  const tokens: string[] = [];
  for (const token of pointer.slice(1).split('/')) {
    if (/~(?![01])/.test(token))
      return fail(`JSON pointer ${JSON.stringify(pointer)} has a "~" that is neither ~0 nor ~1`);
    tokens.push(token.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  return ok(tokens);
}

/** Reads an array index of a pointer: digits without leading zeros; undefined for anything else. */
export function parseIndex(token: string): number | undefined {
  return /^(?:0|[1-9]\d{0,8})$/.test(token) ? Number(token) : undefined;
}
