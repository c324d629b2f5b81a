import { badRequest, type StatusError } from '../status/status.ts';

/** A token that says after which key, below what is listed, a list of this revision goes on. */
export function encodeContinue(revision: number, startKey: string): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: startKey })).toString(
    'base64url',
  );
}

/**
 * Reads a token (apiserver, `storage.DecodeContinue`). Go's words for what is no JSON in base64 are left out.
 *
 * @throws StatusError 400
 */
export function decodeContinue(token: string): { revision: number; startKey: string } {
  const { v, rv, start } = parseToken(token);
  if (v !== 'meta.k8s.io/v1') throw badToken(`server does not recognize this encoded version ${v}`);
  if (rv === 0) throw badToken('incorrect encoded start resourceVersion (version meta.k8s.io/v1)');
  if (start === '') throw badToken('encoded start key empty (version meta.k8s.io/v1)');
  const startKey = start.startsWith('/') ? start.slice(1) : start;
  if (!isClean(startKey)) throw badToken(start);
  return { revision: rv, startKey };
}

function parseToken(token: string): { v: string; rv: number; start: string } {
  try {
    const text = Buffer.from(token, 'base64url').toString('utf8');
    const { v = '', rv = 0, start = '' } = JSON.parse(text) as Record<string, unknown>;
    if (typeof v === 'string' && Number.isSafeInteger(rv) && typeof start === 'string')
      return { v, rv: rv as number, start };
  } catch {
    // Falls through to the one answer for all that is no token.
  }
  throw badToken();
}

function badToken(why?: string): StatusError {
  return badRequest(
    `invalid continue token: continue key is not valid${why === undefined ? '' : `: ${why}`}`,
  );
}

/** Whether a path has nothing that Go's `path.Clean` takes out, such as a step upwards. */
function isClean(key: string): boolean {
  return key.split('/').every((step) => step !== '' && step !== '.' && step !== '..');
}
