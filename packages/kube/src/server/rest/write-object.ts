import { admitByPolicies } from '../admission/admission-policies.ts';
import { kindOf, resourceOf } from '../kinds/resource-definition.ts';
import { storageName } from '../kinds/registry.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { formatTime } from '../model/kube-object.ts';
import { checkObjectMeta, checkObjectMetaUpdate } from '../schema/check-object-meta.ts';
import { isNoOp } from '../patch/server-side-apply.ts';
import type { JsonObject } from '../schema/json.ts';
import { alreadyExists, invalid, unexpected } from '../status/status.ts';
import type { StoredRecord } from '../storage/record.ts';
import { makeRecord } from '../storage/record.ts';
import { finalizerWarnings } from './finalizer-warnings.ts';
import { generateName } from './generate-name.ts';
import { isGone } from './is-gone.ts';
import { keepServerFields, withGeneration } from './keep-server-fields.ts';
import { requireNamespace } from './namespace-lifecycle.ts';
import { belowStatus, hasStatus, resetStatus } from './object-status.ts';
import { requireUnchanged } from './require-unchanged.ts';
import { schemaErrors } from './schema-steps.ts';
import { takeSentEmpty } from './sent-empty.ts';
import { trackWrite } from './track-write.ts';
import { contextOf, type WriteRequest } from './write-request.ts';

/** What became of a write; `changed` is false when there was nothing to write. */
export interface Written {
  readonly record: Pick<StoredRecord, 'object' | 'json'>;
  readonly changed: boolean;
}

/**
 * Creates an object from a decoded, defaulted draft.
 *
 * @throws StatusError 404 or 403 for its namespace, 409 when it exists, 422 when it is not valid
 */
export function createObject(request: WriteRequest, draft: KubeObject): Written {
  const { state, transaction, definition, namespace } = request;
  requireNamespace(transaction, definition, namespace, draft.metadata.name);
  const name = draft.metadata.name || generateName(request, draft.metadata.generateName ?? '');
  const now = state.nowMs();
  const context = contextOf(request);
  draft.metadata = { ...draft.metadata, name, uid: state.makeUid(), creationTimestamp: formatTime(now) };
  if (definition.namespaced) draft.metadata.namespace = namespace;
  else delete draft.metadata.namespace;
  delete draft.metadata.deletionTimestamp;
  delete draft.metadata.deletionGracePeriodSeconds;
  if (definition.hasGeneration) draft.metadata.generation = 1;
  delete draft.metadata.selfLink;
  takeSentEmpty(draft, definition);
  // What the server itself fills in below has no owner.
  const tracked = trackWrite(request, draft, undefined);
  if (hasStatus(definition)) resetStatus(tracked, definition);
  definition.strategy.prepareForCreate?.(tracked, context);
  const key = { resource: storageName(definition), namespace: definition.namespaced ? namespace : '', name };
  const ofMetadata = checkObjectMeta(metaOf(tracked), definition);
  const errors = [
    ...ofMetadata,
    ...schemaErrors(tracked, undefined, definition, ofMetadata),
    ...(definition.strategy.validate?.(tracked, context) ?? []),
  ];
  if (errors.length > 0) throw invalid(kindOf(definition), name, errors);
  authorizeWrite(request, tracked, undefined);
  admitWarning(request, 'CREATE', tracked, undefined);
  if (draft.metadata.resourceVersion && !request.dryRun)
    throw unexpected('resourceVersion should not be set on objects to be created');
  const existing = transaction.get(key);
  if (existing)
    throw alreadyExists(
      resourceOf(definition),
      name,
      existing.object.metadata.deletionTimestamp !== undefined,
    );
  if (request.dryRun) return { record: unversioned(tracked), changed: true };
  return { record: transaction.put(key, tracked), changed: true };
}

/**
 * Replaces an object (or the part of it that a subresource owns) by a decoded, defaulted draft.
 *
 * @throws StatusError 409 when it changed since the draft's resourceVersion, 422 when it is not valid
 */
export function updateObject(request: WriteRequest, existing: StoredRecord, draft: KubeObject): Written {
  const { transaction, definition } = request;
  const old = existing.object;
  const name = old.metadata.name;
  requireUnchanged(existing, draft, definition);
  const context = contextOf(request);
  forgetSelfLink(draft, request);
  const empty = takeSentEmpty(draft, definition);
  const merged = keepServerFields(trackWrite(request, draft, old), old, definition, request.subresource);
  if (request.subresource === '') definition.strategy.prepareForUpdate?.(merged, old, context);
  else definition.strategy.prepareForStatusUpdate?.(merged, old);
  const next = withGeneration(merged, old, request);
  const errors = [
    ...checkObjectMeta(metaOf(next), definition),
    ...checkObjectMetaUpdate(metaOf(next), metaOf(old)),
    ...belowStatus(schemaErrors(next, old, definition), request),
    ...(request.subresource === ''
      ? (definition.strategy.validateUpdate?.({ ...next, ...empty }, old, context) ?? [])
      : []),
  ];
  if (errors.length > 0) throw invalid(kindOf(definition), name, errors);
  authorizeWrite(request, next, old);
  admitWarning(request, 'UPDATE', next, old);
  if (isNoOp(json(old), json(next))) return { record: existing, changed: false };
  const kept = withoutNullStatus(next);
  if (request.dryRun) return { record: makeRecord(existing, existing.revision, kept), changed: true };
  if (isGone(kept)) {
    transaction.delete(existing);
    return { record: makeRecord(existing, existing.revision, kept), changed: true };
  }
  return { record: transaction.put(existing, kept), changed: true };
}

/** Says what is no good about a valid object, and holds it against the policies. */
function admitWarning(
  request: WriteRequest,
  operation: 'CREATE' | 'UPDATE',
  object: KubeObject,
  old: KubeObject | undefined,
): void {
  const { definition, warn } = request;
  const warnings = [
    ...(definition.strategy.warnings?.(object, old) ?? []),
    ...finalizerWarnings(request, object, old),
  ];
  for (const warning of warnings) warn(warning);
  for (const warning of admit(request, operation, object, old)) warn(warning);
}

/** A status of nothing is kept as none. */
function withoutNullStatus(object: KubeObject): KubeObject {
  if (object['status'] !== null) return object;
  const { status: _nothing, ...kept } = object;
  return kept;
}

/** Nothing keeps the field of old; a dry run of an update keeps nothing, and so shows it. */
function forgetSelfLink({ metadata }: KubeObject, { dryRun }: WriteRequest): void {
  if (!dryRun) delete metadata.selfLink;
}

function authorizeWrite(
  { state, user, definition, namespace }: WriteRequest,
  object: KubeObject,
  old: KubeObject | undefined,
): void {
  const { authorizer } = state;
  const { name } = object.metadata;
  definition.strategy.authorizeWrite?.(object, old, {
    authorizer,
    user,
    resource: definition.plural,
    namespace,
    name,
  });
}

/** Holds a write against the admission policies, as they stand in the transaction. */
function admit(
  request: WriteRequest,
  operation: 'CREATE' | 'UPDATE',
  object: KubeObject,
  oldObject: KubeObject | undefined,
): string[] {
  const { state, transaction, definition, subresource, user, dryRun } = request;
  return admitByPolicies(transaction, state.registry, {
    operation,
    definition,
    subresource,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
    object,
    ...(oldObject && { oldObject }),
    user,
    dryRun,
  });
}

function json(object: KubeObject): JsonObject {
  return object as unknown as JsonObject;
}

function metaOf({ metadata }: KubeObject): JsonObject {
  return metadata as unknown as JsonObject;
}

function unversioned(object: KubeObject): Pick<StoredRecord, 'object' | 'json'> {
  return { object, json: JSON.stringify(object) };
}
