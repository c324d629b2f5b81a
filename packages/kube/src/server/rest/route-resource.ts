import type { ResourceRequest } from '../http/request-info.ts';
import { methodNotSupported, noSuchPath, notFound } from '../status/status.ts';
import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import { resourceOf } from '../kinds/resource-definition.ts';
import { handleDelete, handleDeleteCollection } from './delete.ts';
import { handleReview } from './handle-review.ts';
import { handleList } from './list.ts';
import { handlePatch } from './patch.ts';
import { handleCreate, handleGet, handleUpdate } from './read-write.ts';
import type { RequestContext, ResourceContext } from './request-context.ts';
import { routeSubresource } from './route-subresource.ts';
import { handleWatch } from './watch.ts';

const REVIEW_GROUPS = ['authentication.k8s.io', 'authorization.k8s.io'];

/** Hands a resource request to what answers its verb. */
export async function routeResource(
  context: RequestContext & { readonly info: ResourceRequest },
): Promise<void> {
  const { info, state } = context;
  const definition = state.registry.find(info.group, info.version, info.resource);
  if (!definition) throw unserved(info);
  const full: ResourceContext = { ...context, definition };
  if (definition.namespaced ? isClusterPathOfOne(info) : isInsideNamespace(info, definition))
    throw noSuchPath();
  if (info.subresource !== '') return routeSubresource(full);
  if (REVIEW_GROUPS.includes(definition.group)) return handleReview(full);
  return routeVerb(full);
}

async function routeVerb(context: ResourceContext): Promise<void> {
  const { definition, info, request } = context;
  if (!(definition.verbs as readonly string[]).includes(info.verb)) {
    throw methodNotSupported(resourceOf(definition), request.method ?? info.verb);
  }
  switch (info.verb) {
    case 'get':
      return handleGet(context);
    case 'list':
      return handleList(context);
    case 'watch':
      return handleWatch(context);
    case 'create':
      if (info.name !== '') throw methodNotSupported(resourceOf(definition), 'POST');
      return handleCreate(context);
    case 'update':
      requireName(info, definition);
      return handleUpdate(context);
    case 'patch':
      requireName(info, definition);
      return handlePatch(context);
    case 'delete':
      return handleDelete(context);
    case 'deletecollection':
      return handleDeleteCollection(context);
    default:
      throw methodNotSupported(resourceOf(definition), request.method ?? info.verb);
  }
}

function requireName({ name }: ResourceRequest, definition: ResourceDefinition): void {
  if (name === '') throw methodNotSupported(resourceOf(definition), 'update');
}

/** One object of a namespaced resource has no path outside of its namespace. */
function isClusterPathOfOne({ namespace, name, verb }: ResourceRequest): boolean {
  return namespace === '' && (name !== '' || verb === 'create');
}

function isInsideNamespace(
  { namespace, resource }: ResourceRequest,
  { group, plural }: ResourceDefinition,
): boolean {
  const isNamespaces = group === '' && plural === 'namespaces' && resource === 'namespaces';
  return namespace !== '' && !isNamespaces;
}

function unserved({ group, version, resource }: ResourceRequest) {
  const error = notFound({ group, name: resource }, '');
  const where = group === '' ? version : `${group}/${version}`;
  error.status.message = `the server could not find the requested resource (the embedded API server serves no ${JSON.stringify(resource)} in ${where})`;
  error.status.details = {};
  return error;
}
