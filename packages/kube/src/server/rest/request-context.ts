import type { IncomingMessage, ServerResponse } from 'node:http';
import type { User } from '../auth/user.ts';
import type { ResourceRequest } from '../http/request-info.ts';
import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import type { ServerState } from './server-state.ts';

/** One request, authenticated and authorized. */
export interface RequestContext {
  readonly state: ServerState;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
  readonly user: User;
}

/** One request for a resource that is served. */
export interface ResourceContext extends RequestContext {
  readonly info: ResourceRequest;
  readonly definition: ResourceDefinition;
}
