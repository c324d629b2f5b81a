import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { Sessions } from './sessions.ts';
import { ABSOLUTE_TIMEOUT_MS } from './sessions.ts';

/** Wrong tokens that an address may try in a minute. */
export const MAX_FAILED_LOGINS = 5;

export interface LoginDeps {
  readonly sessions: Sessions;
  readonly cookieName: () => string;
  readonly person: string;
  readonly onLogin: (outcome: { person: string; signedIn: boolean }) => void;
}

/**
 * `GET /login?token=…`: exchanges a one-time link for a session. A right token always works, so that wrong ones
 * sent by somebody else cannot keep its owner out; wrong ones are limited.
 */
export function loginRoutes(server: FastifyInstance, deps: LoginDeps): void {
  const failures = new RateLimiterMemory({ points: MAX_FAILED_LOGINS, duration: 60 });
  server.get('/login', { exposeHeadRoute: false }, async (request, reply) => {
    void reply.header('cache-control', 'no-store');
    if (isPrefetch(request)) return page(reply, 403, 'Open the link itself.');
    const { token } = request.query as { token?: unknown };
    const previous = request.cookies[deps.cookieName()];
    const secret =
      typeof token === 'string' ? deps.sessions.exchange(token, deps.person, previous) : undefined;
    if (secret !== undefined) {
      deps.onLogin({ person: deps.person, signedIn: true });
      setSessionCookie(reply, deps.cookieName(), secret);
      return reply.redirect('/', 303);
    }
    if (previous !== undefined && deps.sessions.find(previous, true) !== undefined)
      return reply.redirect('/', 303);
    if (token === undefined) return page(reply, 401, 'Nobody is signed in here.');
    try {
      await failures.consume(request.ip);
    } catch {
      void reply.header('retry-after', '60');
      return page(reply, 429, 'Too many links that do not work. Wait a minute.');
    }
    deps.onLogin({ person: deps.person, signedIn: false });
    return page(reply, 401, 'This link was used already, or is too old.');
  });
}

/**
 * The session's cookie. It has no `Secure`, and so cannot be named `__Host-`: the console is plain HTTP on
 * loopback, where Safari refuses Secure cookies, and where nothing leaves the machine. The name holds the port,
 * because browsers send a cookie to every port of a host, and two consoles must not sign each other out.
 */
export function sessionCookieName(port: number): string {
  return `flatland-${port}`;
}

function setSessionCookie(reply: FastifyReply, name: string, secret: string): void {
  void reply.setCookie(name, secret, {
    path: '/',
    httpOnly: true,
    sameSite: 'strict',
    maxAge: ABSOLUTE_TIMEOUT_MS / 1000,
  });
}

/** A browser or a chat program that looks at a link before a person opens it must not use it up. */
function isPrefetch(request: FastifyRequest): boolean {
  const { purpose, 'sec-purpose': secPurpose, 'sec-fetch-dest': destination } = request.headers;
  const purposes = `${String(purpose ?? '')} ${String(secPurpose ?? '')}`;
  return /prefetch|preview/i.test(purposes) || (destination !== undefined && destination !== 'document');
}

function page(reply: FastifyReply, status: number, text: string): FastifyReply {
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Flatland</title><h1>Flatland</h1>
<p>${text}</p><p>Get a new link: <code>npx flatland open</code></p></html>`;
  return reply.code(status).type('text/html; charset=utf-8').send(html);
}
