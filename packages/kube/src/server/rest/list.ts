import { negotiate, isMetaConversion } from '../http/negotiation.ts';
import { sendText } from '../http/respond.ts';
import { storageName } from '../kinds/registry.ts';
import { badRequest, expired, StatusError } from '../status/status.ts';
import type { StoredRecord } from '../storage/record.ts';
import { tableKey } from '../storage/record.ts';
import type { Store } from '../storage/store.ts';
import { decodeContinue, encodeContinue } from './continue-token.ts';
import type { ListOptions } from './list-options.ts';
import { parseListOptions, parseRevision } from './list-options.ts';
import type { ListMeta } from './present.ts';
import { presenterOf } from './present.ts';
import type { ResourceContext } from './request-context.ts';

/** Answers a list, with limit and continue, selectors and the three readings of resourceVersion. */
export function handleList(context: ResourceContext): void {
  const { definition, query, state, request, response, info } = context;
  const negotiated = negotiate(request.headers.accept, isMetaConversion);
  const presenter = presenterOf(definition, negotiated, { query, nowMs: state.nowMs });
  const options = parseListOptions(query, definition, false);
  const namespace = info.namespace === '' ? undefined : info.namespace;
  const page = selectPage(state.store, storageName(definition), namespace, options);
  sendText(response, 200, presenter.list(page.records, page.meta), negotiated.format);
}

/** One page of a list. */
export function selectPage(
  store: Store,
  resource: string,
  namespace: string | undefined,
  options: ListOptions,
): { records: StoredRecord[]; meta: ListMeta } {
  const { snapshot, revision, startKey } = openSnapshot(store, resource, namespace, options);
  const records: StoredRecord[] = [];
  let index = startKey === '' ? 0 : firstFrom(snapshot, startKey, namespace);
  const limit = options.limit === 0 ? Infinity : options.limit;
  for (; index < snapshot.length && records.length < limit; index++) {
    const record = snapshot[index]!;
    if (options.matches(record.object)) records.push(record);
  }
  const left = snapshot.length - index;
  if (left === 0) return { records, meta: { resourceVersion: String(revision) } };
  const last = records.at(-1)!;
  const next = encodeContinue(revision, `${keyWithin(namespace, last)}\0`);
  const meta: ListMeta = {
    resourceVersion: String(revision),
    continue: next,
    ...(!options.selective && { remainingItemCount: left }),
  };
  return { records, meta };
}

/**
 * Refuses a resourceVersion that is ahead of the server.
 *
 * @throws StatusError 504 with the cause ResourceVersionTooLarge
 */
export function requireReached(store: Store, revision: number): void {
  if (revision <= store.revision) return;
  const message = `Too large resource version: ${revision}, current: ${store.revision}`;
  throw new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: `Timeout: ${message}`,
    reason: 'Timeout',
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version', field: '' }],
      retryAfterSeconds: 1,
    },
    code: 504,
  });
}

interface Snapshot {
  readonly snapshot: StoredRecord[];
  readonly revision: number;
  readonly startKey: string;
}

function openSnapshot(
  store: Store,
  resource: string,
  namespace: string | undefined,
  options: ListOptions,
): Snapshot {
  if (options.continueToken !== '') return continueSnapshot(store, resource, namespace, options);
  const wanted = options.resourceVersion === '' ? 0 : parseRevision(options.resourceVersion);
  requireReached(store, wanted);
  const exact = options.resourceVersionMatch === 'Exact';
  const revision = exact ? wanted : store.revision;
  try {
    return { snapshot: store.listAt(resource, revision, namespace), revision, startKey: '' };
  } catch (error) {
    if (error instanceof StatusError && error.status.code === 410)
      throw expired('The resourceVersion for the provided list is too old.');
    throw error;
  }
}

function continueSnapshot(
  store: Store,
  resource: string,
  namespace: string | undefined,
  options: ListOptions,
): Snapshot {
  if (options.resourceVersion !== '' && options.resourceVersion !== '0') {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  const { revision, startKey } = decodeContinue(options.continueToken);
  if (revision < 0) return { snapshot: store.list(resource, namespace), revision: store.revision, startKey };
  try {
    return { snapshot: store.listAt(resource, revision, namespace), revision, startKey };
  } catch (error) {
    if (error instanceof StatusError && error.status.code === 410) throw continueExpired(startKey);
    throw error;
  }
}

function continueExpired(startKey: string): StatusError {
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: { continue: encodeContinue(-1, startKey) },
    status: 'Failure',
    message:
      'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
      'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
      'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted ' +
      'between the time the first chunk was returned and now may show up in the list.',
    reason: 'Expired',
    code: 410,
  });
}

/** A record's key below what is listed, which is how a token names it: one of another kind or namespace means the same here. */
function keyWithin(namespace: string | undefined, record: StoredRecord): string {
  const isWhole = namespace === undefined && record.namespace !== '';
  return isWhole ? tableKey(record.namespace, record.name) : record.name;
}

function firstFrom(records: readonly StoredRecord[], key: string, namespace: string | undefined): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const record = records[middle]!;
    if (keyWithin(namespace, record) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
