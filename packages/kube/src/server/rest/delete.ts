import { admitByPolicies } from '../admission/admission-policies.ts';
import { isMetaConversion, negotiate } from '../http/negotiation.ts';
import { parseObjectBody, readBody } from '../http/read-body.ts';
import { addWarning, sendObject, sendText } from '../http/respond.ts';
import { storageName } from '../kinds/registry.ts';
import { kindOf, resourceOf } from '../kinds/resource-definition.ts';
import { conflict, forbidden, notFound, success } from '../status/status.ts';
import type { StoredRecord } from '../storage/record.ts';
import type { Transaction } from '../storage/store.ts';
import { decodeDeletion, deleteObject } from './delete-object.ts';
import { selectPage } from './list.ts';
import { parseListOptions } from './list-options.ts';
import { presenterOf } from './present.ts';
import { keyOf, sendRecord } from './read-write.ts';
import type { ResourceContext } from './request-context.ts';
import type { DeleteOptions } from './write-options.ts';
import { parseDeleteOptions } from './write-options.ts';

/** Answers a delete of one object: a Status when it is gone, the object while something holds it. */
export async function handleDelete(context: ResourceContext): Promise<void> {
  const { definition, state, info, response } = context;
  const options = await readDeleteOptions(context);
  const key = keyOf(context);
  const { record, gone } = await state.store.write((transaction) => {
    const existing = transaction.get(key);
    if (!existing) throw notFound(resourceOf(definition), info.name);
    checkPreconditions(existing, options, context);
    const refusal = definition.strategy.refuseDelete?.(existing.object);
    if (refusal) throw forbidden(resourceOf(definition), info.name, refusal);
    admitDelete(context, transaction, existing, options);
    return deleteObject({ state, transaction, definition, options }, existing);
  });
  if (!gone || definition.strategy.returnsDeleted) {
    sendRecord(context, !gone && options.orphanDependents === false ? 202 : 200, record);
    return;
  }
  const { uid } = record.object.metadata;
  sendObject(
    response,
    200,
    success({
      name: info.name,
      ...(definition.group !== '' && { group: definition.group }),
      kind: definition.plural,
      ...(uid && { uid }),
    }),
  );
}

/** Answers a deletecollection with the list of what it deleted. */
export async function handleDeleteCollection(context: ResourceContext): Promise<void> {
  const { definition, state, info, request, response, query } = context;
  const negotiated = negotiate(request.headers.accept, isMetaConversion);
  const presenter = presenterOf(definition, negotiated, { query, nowMs: state.nowMs });
  const listOptions = parseListOptions(query, definition, false);
  const options = await readDeleteOptions(context);
  const namespace = info.namespace === '' ? undefined : info.namespace;
  const deleted = await state.store.write((transaction) => {
    const page = selectPage(state.store, storageName(definition), namespace, listOptions);
    for (const found of page.records) {
      const existing = transaction.get(found);
      if (!existing) continue;
      admitDelete(context, transaction, existing, options);
      deleteObject({ state, transaction, definition, options }, existing);
    }
    return page;
  });
  sendText(response, 200, presenter.list(deleted.records, deleted.meta), negotiated.format);
}

async function readDeleteOptions({ request, query }: ResourceContext): Promise<DeleteOptions> {
  const bytes = await readBody(request);
  const body = bytes.length === 0 ? undefined : parseObjectBody(bytes, request.headers['content-type']);
  if (body) decodeDeletion(body);
  return parseDeleteOptions(query, body);
}

function admitDelete(
  { state, definition, user, response }: ResourceContext,
  transaction: Transaction,
  { object }: StoredRecord,
  { dryRun }: DeleteOptions,
): void {
  const warnings = admitByPolicies(transaction, state.registry, {
    operation: 'DELETE',
    definition,
    subresource: '',
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
    oldObject: object,
    user,
    dryRun,
  });
  for (const warning of warnings) addWarning(response, warning);
}

function checkPreconditions(
  { object }: StoredRecord,
  { preconditions }: DeleteOptions,
  { definition, info }: ResourceContext,
): void {
  const { uid, resourceVersion } = object.metadata;
  const refuse = (what: string, wanted: string, has: string | undefined, happened: string) =>
    conflict(
      kindOf(definition),
      info.name,
      `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${has}). The object might have been ${happened}`,
    );
  if (preconditions.uid !== undefined && preconditions.uid !== uid) {
    throw refuse('UID', preconditions.uid, uid, 'deleted and then recreated');
  }
  if (preconditions.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    throw refuse('ResourceVersion', preconditions.resourceVersion, resourceVersion, 'modified');
  }
}
