import type { KubeError } from './error.ts';
import type { KubeClient } from './kube-client.ts';
import { refOf } from './object.ts';
import type { KubeList, KubeObject, ObjectRef } from './object.ts';
import { sendRequest } from './request.ts';
import type { ApiRequest } from './request.ts';
import { apiVersionOf, resourcePath } from './resource.ts';
import type { Resource } from './resource.ts';
import { err, ok } from '@flatland/shared/result';
import type { Result } from '@flatland/shared/result';

/** Options that every call takes. */
export type CallOptions = {
  readonly signal?: AbortSignal | undefined;
  /** Of one try, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  readonly maxTries?: number | undefined;
};

export type WriteOptions = CallOptions & {
  /** Runs admission and validation on the server and keeps nothing. */
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  /** What the server does about unknown and doubled fields. @default Warn, the server's */
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
};

export type ListOptions = CallOptions & {
  /** Absent: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Objects a page. @default 500 */
  readonly limit?: number | undefined;
};

/** Reads one object. */
export function getObject<T = KubeObject>(
  client: KubeClient,
  type: Resource,
  ref: ObjectRef & CallOptions,
): Promise<Result<T, KubeError>> {
  return call(client, type, { ...ref, method: 'GET', idempotency: 'idempotent' });
}

/** Reads one page of a collection. `continueToken` is the one of the page before. */
export function listPage<T = KubeObject>(
  client: KubeClient,
  type: Resource,
  options: ListOptions & { continueToken?: string | undefined } = {},
): Promise<Result<KubeList<T>, KubeError>> {
  return call<KubeList<T>>(client, type, {
    ...options,
    method: 'GET',
    idempotency: 'idempotent',
    query: {
      limit: options.limit ?? 500,
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
      continue: options.continueToken,
    },
  }).then((page) => (page.ok ? checkPage(client, type, page.value) : page));
}

/** Reads a whole collection page by page. Starts over once when its continue token expires. */
export async function listObjects<T = KubeObject>(
  client: KubeClient,
  type: Resource,
  options: ListOptions = {},
): Promise<Result<{ items: T[]; resourceVersion: string }, KubeError>> {
  let restarted = false;
  let items: T[] = [];
  let continueToken: string | undefined;
  for (;;) {
    const page = await listPage<T>(client, type, { ...options, continueToken });
    if (!page.ok) {
      if (page.error.kind !== 'gone' || continueToken === undefined || restarted) return page;
      restarted = true;
      items = [];
      continueToken = undefined;
      continue;
    }
    items = items.concat(page.value.items);
    continueToken = page.value.metadata.continue || undefined;
    if (continueToken === undefined) {
      return ok({ items, resourceVersion: page.value.metadata.resourceVersion ?? '' });
    }
  }
}

/** Creates an object. Tried again only where the first try cannot have reached the server. */
export function createObject<T = KubeObject>(
  client: KubeClient,
  type: Resource,
  options: WriteOptions & { object: KubeObject },
): Promise<Result<T, KubeError>> {
  return call(client, type, {
    ...options,
    namespace: options.object.metadata.namespace,
    method: 'POST',
    idempotency: 'once',
    body: withType(type, options.object),
    query: writeQuery(options),
  });
}

/** Replaces an object, or its status. With `metadata.resourceVersion` it fails as `conflict` when it changed. */
export function replaceObject<T = KubeObject>(
  client: KubeClient,
  type: Resource,
  options: WriteOptions & { object: KubeObject; subresource?: 'status' | 'scale' },
): Promise<Result<T, KubeError>> {
  return call(client, type, {
    ...options,
    ...refOf(options.object.metadata),
    method: 'PUT',
    idempotency: options.object.metadata.resourceVersion === undefined ? 'idempotent' : 'once',
    body: withType(type, options.object),
    query: writeQuery(options),
  });
}

/**
 * Server-side apply of a part of an object, under a field manager. Without `force` a field of another manager
 * ends in `conflict`, whose causes name fields and managers.
 */
export function applyObject<T = KubeObject>(
  client: KubeClient,
  type: Resource,
  options: WriteOptions & {
    object: KubeObject;
    fieldManager: string;
    force?: boolean;
    subresource?: 'status' | 'scale';
  },
): Promise<Result<T, KubeError>> {
  return call(client, type, {
    ...options,
    ...refOf(options.object.metadata),
    method: 'PATCH',
    idempotency: 'idempotent',
    contentType: 'application/apply-patch+yaml',
    body: withType(type, options.object),
    query: { ...writeQuery(options), force: options.force ?? false },
  });
}

/** JSON merge patch (RFC 7386) of an object, or of its status. */
export function mergePatchObject<T = KubeObject>(
  client: KubeClient,
  type: Resource,
  options: WriteOptions &
    ObjectRef & { patch: Readonly<Record<string, unknown>>; subresource?: 'status' | 'scale' },
): Promise<Result<T, KubeError>> {
  return call(client, type, {
    ...options,
    method: 'PATCH',
    idempotency: 'idempotent',
    contentType: 'application/merge-patch+json',
    body: options.patch,
    query: writeQuery(options),
  });
}

/**
 * Deletes an object. `uid` and `resourceVersion` are preconditions: another object of the same name, or a changed
 * one, stays and gives `conflict`. The value is the object when it only waits for finalizers, else a Status.
 */
export function deleteObject<T = KubeObject>(
  client: KubeClient,
  type: Resource,
  options: CallOptions &
    ObjectRef & {
      uid?: string;
      resourceVersion?: string;
      propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
      dryRun?: boolean;
    },
): Promise<Result<T, KubeError>> {
  const preconditions = {
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    ...(options.resourceVersion === undefined ? {} : { resourceVersion: options.resourceVersion }),
  };
  return call(client, type, {
    ...options,
    method: 'DELETE',
    idempotency: 'idempotent',
    body: {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
      ...(options.propagationPolicy === undefined ? {} : { propagationPolicy: options.propagationPolicy }),
      ...(options.dryRun === true ? { dryRun: ['All'] } : {}),
    },
  });
}

type Call = Omit<ApiRequest, 'path'> & {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
  readonly subresource?: string | undefined;
};

async function call<T>(client: KubeClient, type: Resource, options: Call): Promise<Result<T, KubeError>> {
  const path = resourcePath(type, options);
  if (!path.ok) {
    const request = `${options.method} ${type.plural}`;
    return err({ kind: 'badRequest', message: path.error, cluster: client.cluster, request });
  }
  const { method, query, body, contentType, idempotency, timeoutMs, maxTries, signal } = options;
  const answer = await sendRequest(client, {
    method,
    path: path.value,
    idempotency,
    timeoutMs,
    maxTries,
    signal,
    ...(query === undefined ? {} : { query }),
    ...(body === undefined ? {} : { body }),
    ...(contentType === undefined ? {} : { contentType }),
  });
  return answer as Result<T, KubeError>;
}

/* Lists of built-in kinds carry version and kind once, at the top. Each item gets them, as in a GET. */
function checkPage<T>(client: KubeClient, type: Resource, page: KubeList<T>): Result<KubeList<T>, KubeError> {
  const items: unknown = page.items ?? [];
  if (!Array.isArray(items) || typeof page.metadata !== 'object' || page.metadata === null) {
    return err({
      kind: 'protocol',
      message: 'the answer is no list',
      cluster: client.cluster,
      request: `LIST ${type.plural}`,
    });
  }
  const kind = { apiVersion: apiVersionOf(type), kind: type.kind };
  const typed = items.map((item: unknown) =>
    typeof item === 'object' && item !== null && !('kind' in item) ? { ...kind, ...item } : item,
  );
  return ok({ ...page, items: typed as T[] });
}

function withType(type: Resource, object: KubeObject): KubeObject {
  return { ...object, apiVersion: apiVersionOf(type), kind: type.kind };
}

function writeQuery(options: WriteOptions): Record<string, string | undefined> {
  return {
    dryRun: options.dryRun === true ? 'All' : undefined,
    fieldManager: options.fieldManager,
    fieldValidation: options.fieldValidation,
  };
}
