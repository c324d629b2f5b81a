import { badRequest, methodNotSupported, notFound, noSuchPath } from '../status/status.ts';
import { resourceOf } from '../kinds/resource-definition.ts';
import { handlePatch } from './patch.ts';
import { handleGet, handleUpdate } from './read-write.ts';
import type { ResourceContext } from './request-context.ts';
import { handleBinding } from './subresources/binding.ts';
import { handleEviction } from './subresources/eviction.ts';
import { handleFinalize } from './subresources/finalize.ts';
import { handleLog } from './subresources/log.ts';
import { handleProxy } from './subresources/proxy.ts';
import { handleScale } from './subresources/scale.ts';
import { handleToken } from './subresources/token.ts';

/** Hands a request below an object (`status`, `scale`, `log` …) to what answers it. */
export async function routeSubresource(context: ResourceContext): Promise<void> {
  const { definition, info, request } = context;
  const subresource = definition.subresources.find(({ name }) => name === info.subresource);
  if (!subresource) throw noSuchPath();
  if (!subresource.verbs.includes(info.verb)) {
    throw methodNotSupported(resourceOf(definition), request.method ?? info.verb);
  }
  switch (subresource.name) {
    case 'status':
      return routeStatus(context);
    case 'scale':
      return handleScale(context);
    case 'log':
      return handleLog(context);
    case 'proxy':
      return handleProxy(context);
    case 'binding':
      return handleBinding(context);
    case 'eviction':
      return handleEviction(context);
    case 'exec':
      throw badRequest('exec is served over WebSocket only: the request must ask for an upgrade');
    case 'token':
      return handleToken(context);
    case 'finalize':
      return handleFinalize(context);
    default:
      throw notFound(resourceOf(definition), info.name);
  }
}

async function routeStatus(context: ResourceContext): Promise<void> {
  if (context.info.verb === 'get') return handleGet(context);
  return context.info.verb === 'update' ? handleUpdate(context) : handlePatch(context);
}
