import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Attributes } from '../auth/authorizer.ts';
import type { User } from '../auth/user.ts';
import { handleNonResource } from '../rest/non-resource.ts';
import { routeResource } from '../rest/route-resource.ts';
import type { ServerState } from '../rest/server-state.ts';
import { badRequest, forbidden, internalError, StatusError } from '../status/status.ts';
import { authenticate } from './authenticate.ts';
import { actingUser } from './impersonate.ts';
import type { RequestInfo } from './request-info.ts';
import { parseRequestInfo } from './request-info.ts';
import { sendStatus } from './respond.ts';

const MAX_URL_LENGTH = 16_384;

/** Answers one request. Never rejects: whatever goes wrong becomes a Status. */
export async function handleRequest(
  state: ServerState,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let info: RequestInfo | undefined;
  response.on('finish', () => state.metrics.count(info, response.statusCode));
  try {
    const admitted = admit(state, request);
    info = admitted.info;
    const context = { state, request, response, query: admitted.query, user: admitted.user };
    if (admitted.info.isResource) await routeResource({ ...context, info: admitted.info });
    else handleNonResource(context, admitted.info);
  } catch (error) {
    answerFailure(state, request, response, error);
  }
}

/** A request that may go on: who asks for what. */
export interface Admitted {
  readonly info: RequestInfo;
  readonly query: URLSearchParams;
  readonly user: User;
}

/**
 * Parses, authenticates and authorizes a request by its method, URL and headers.
 *
 * @throws StatusError 400, 401 or 403
 */
export function admit(state: ServerState, request: IncomingMessage): Admitted {
  const url = request.url ?? '/';
  if (url.length > MAX_URL_LENGTH) throw badRequest('the request URL is too long');
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  const info = path.startsWith('/') ? parseRequestInfo(request.method ?? 'GET', path, query) : undefined;
  if (!info) throw badRequest('the request path is malformed');
  const user = actingUser(authenticate(request.headers, state.tokens), request, state.authorizer);
  requireAllowed(state, user, info);
  return { info, query, user };
}

/** Sends a Status for whatever was thrown, as long as an answer can still be sent. */
export function answerFailure(
  state: ServerState,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  if (!(error instanceof StatusError)) state.onError(error);
  const { status } =
    error instanceof StatusError ? error : internalError('the server failed to answer; see its log');
  if (response.headersSent) {
    response.destroy();
    return;
  }
  // What is left of the body will not be read.
  if (!request.complete) response.setHeader('Connection', 'close');
  sendStatus(response, status);
  request.resume();
}

function requireAllowed(state: ServerState, user: User, info: RequestInfo): void {
  const attributes: Attributes = info;
  const { allowed } = state.authorizer.authorize(user, attributes);
  if (allowed) return;
  if (!info.isResource) {
    throw forbidden(
      { group: '', name: '' },
      '',
      `User ${JSON.stringify(user.username)} cannot ${info.verb} path ${JSON.stringify(info.path)}`,
    );
  }
  const { verb, group, resource, subresource, namespace, name } = info;
  const combined = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  throw forbidden(
    { group, name: resource },
    name,
    `User ${JSON.stringify(user.username)} cannot ${verb} resource ${JSON.stringify(combined)} in API group ${JSON.stringify(group)} ${where}`,
  );
}
