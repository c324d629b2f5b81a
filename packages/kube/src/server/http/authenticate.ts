import type { IncomingHttpHeaders } from 'node:http';
import type { TokenAuthority } from '../auth/token-authority.ts';
import type { User } from '../auth/user.ts';
import { ANONYMOUS } from '../auth/user.ts';
import { unauthorized } from '../status/status.ts';

const WEBSOCKET_TOKEN_PREFIX = 'base64url.bearer.authorization.k8s.io.';

/**
 * Tells who makes a request by its bearer token, in the Authorization header or, for browsers' WebSockets,
 * in a subprotocol. Without one it is anonymous.
 *
 * @throws StatusError 401 when there are credentials that prove nothing
 */
export function authenticate(headers: IncomingHttpHeaders, tokens: TokenAuthority): User {
  const token = bearerToken(headers) ?? websocketToken(headers);
  if (token === undefined) {
    if (headers.authorization !== undefined) throw unauthorized();
    return ANONYMOUS;
  }
  const proved = tokens.authenticate(token);
  if (!proved) throw unauthorized();
  return proved.user;
}

/** The subprotocols that a client offers, without the one that carries its token. */
export function offeredSubprotocols(headers: IncomingHttpHeaders): string[] {
  return splitSubprotocols(headers).filter((protocol) => !protocol.startsWith(WEBSOCKET_TOKEN_PREFIX));
}

function bearerToken({ authorization }: IncomingHttpHeaders): string | undefined {
  const match = /^Bearer +(\S+) *$/i.exec(authorization ?? '');
  return match?.[1];
}

function websocketToken(headers: IncomingHttpHeaders): string | undefined {
  const carrier = splitSubprotocols(headers).find((protocol) => protocol.startsWith(WEBSOCKET_TOKEN_PREFIX));
  return carrier && Buffer.from(carrier.slice(WEBSOCKET_TOKEN_PREFIX.length), 'base64url').toString('utf8');
}

function splitSubprotocols(headers: IncomingHttpHeaders): string[] {
  const header = headers['sec-websocket-protocol'] ?? '';
  return header
    .split(',')
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== '');
}
