import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ConsoleFailure, type ConsoleErrorCode } from '../api/console-error.ts';
import { CSP_NO_PAGE } from './content-security-policy.ts';
import {
  isUntrustedHeader,
  refuseForeignHost,
  type OwnOrigins,
  type Refused,
  type RequestFacts,
} from './origin.ts';

/** Longest URL that is served, in bytes. */
export const MAX_URL_BYTES = 8 * 1024;

/** Makes every answer carry a policy, and every request pass the checks that hold for all routes. */
export function guardEveryRequest(server: FastifyInstance, own: () => OwnOrigins): void {
  server.addHook('onRequest', async (request, reply) => {
    void reply.header('content-security-policy', CSP_NO_PAGE);
    void reply.header('permissions-policy', 'camera=(), geolocation=(), microphone=()');
    for (const name of Object.keys(request.raw.headers)) {
      if (isUntrustedHeader(name)) delete request.raw.headers[name];
    }
    if ((request.raw.url ?? '').length > MAX_URL_BYTES) {
      return refuse(reply, { status: 414, code: 'too-large', message: 'The URL is too long' });
    }
    const foreign = refuseForeignHost(factsOf(request), own());
    if (foreign !== undefined) return refuseWith(reply, foreign);
    return undefined;
  });
}

/** What the checks of `origin.ts` look at. */
export function factsOf(request: FastifyRequest): RequestFacts {
  return { method: request.method, host: request.raw.headers.host, headers: request.raw.headers };
}

/** Answers with a refusal of `origin.ts`. */
export function refuseWith(reply: FastifyReply, refused: Refused): FastifyReply {
  return refuse(reply, { status: refused.status, code: 'invalid-input', message: refused.message });
}

/** Answers with an error in the form that every error has: `{"error": {code, message, …}}`. */
export function refuse(
  reply: FastifyReply,
  refusal: { status: number; code: ConsoleErrorCode; message: string },
): FastifyReply {
  const { status, code, message } = refusal;
  return reply.code(status).type('application/json').send({ error: { code, message } });
}

/** Answers a request whose URL cannot be read; no hook has seen it. */
export function refuseUnread(reply: FastifyReply): FastifyReply {
  void reply.header('content-security-policy', CSP_NO_PAGE).header('x-content-type-options', 'nosniff');
  return refuse(reply, { status: 400, code: 'invalid-input', message: 'The URL cannot be read' });
}

/** Errors of Fastify and its plugins in the same form; anything unexpected is logged and told as `internal`. */
export function answerErrors(server: FastifyInstance): void {
  server.setNotFoundHandler((_request, reply) =>
    refuse(reply, { status: 404, code: 'not-found', message: 'No such page' }),
  );
  server.setErrorHandler((error, request, reply) => {
    if (error instanceof ConsoleFailure) {
      return refuse(reply, { status: 503, code: error.code, message: error.message });
    }
    const status = statusOf(error);
    if (status >= 400 && status < 500) {
      return refuse(reply, {
        status,
        code: CODES[status] ?? 'invalid-input',
        message: TEXTS[status] ?? 'Refused',
      });
    }
    request.log.error({ err: error }, 'request failed');
    const code = status === 503 ? 'busy' : 'internal';
    return refuse(reply, {
      status,
      code,
      message: status === 503 ? 'The console is busy' : 'Internal error',
    });
  });
}

const CODES: Readonly<Record<number, ConsoleErrorCode>> = {
  401: 'not-signed-in',
  404: 'not-found',
  413: 'too-large',
  429: 'too-many-requests',
};
const TEXTS: Readonly<Record<number, string>> = {
  413: 'The body is larger than 1 MiB',
  415: 'Calls are JSON',
  429: 'Too many requests',
};

function statusOf(error: unknown): number {
  const status =
    typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : 500;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}
