import { admitByPolicies } from '../admission/admission-policies.ts';
import type { User } from '../auth/user.ts';
import type { ResourceDefinition, StrategyContext } from '../kinds/resource-definition.ts';
import { kindOf, resourceOf } from '../kinds/resource-definition.ts';
import { storageName, storageNameOf } from '../kinds/registry.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { formatTime } from '../model/kube-object.ts';
import { checkObjectMeta, checkObjectMetaUpdate } from '../schema/check-object-meta.ts';
import { isNoOp } from '../patch/server-side-apply.ts';
import { invalid as invalidField } from '../schema/field-error.ts';
import type { FieldError } from '../schema/field-error.ts';
import { GoText } from '../schema/go-print.ts';
import { equalJson } from '../schema/json.ts';
import type { JsonObject, JsonValue } from '../schema/json.ts';
import { validate } from '../schema/validate.ts';
import { alreadyExists, conflict, invalid, unexpected } from '../status/status.ts';
import type { StoredRecord } from '../storage/record.ts';
import { makeRecord } from '../storage/record.ts';
import type { Transaction } from '../storage/store.ts';
import { requireNamespace } from './namespace-lifecycle.ts';
import { schemaErrors, trackManagers, writerOf } from './schema-steps.ts';
import type { ServerState } from './server-state.ts';

/** One write of one object, inside a transaction. */
export interface WriteRequest {
  readonly state: ServerState;
  readonly transaction: Transaction;
  readonly definition: ResourceDefinition;
  readonly namespace: string;
  /** '' for the object itself. */
  readonly subresource: string;
  readonly user: User;
  readonly dryRun: boolean;
  /** Whose fields an Update records; undefined where apply has recorded them already. */
  readonly fieldManager: string | undefined;
}

/** What became of a write; `changed` is false when there was nothing to write. */
export interface Written {
  readonly record: Pick<StoredRecord, 'object' | 'json'>;
  readonly changed: boolean;
  /** For the client. */
  readonly warnings: readonly string[];
}

const NO_VERSION = invalidField(
  'metadata.resourceVersion',
  new GoText('0x0'),
  'must be specified for an update',
);
const STANDARD_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];
const MAX_NAME_TRIES = 8;
const NAME_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const MAX_GENERATED_STEM = 58;

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
  // What the server itself fills in below has no owner.
  const tracked = track(request, draft, undefined);
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
  const warnings = [
    ...admit(request, 'CREATE', tracked, undefined),
    ...finalizerWarnings(request, tracked, undefined),
  ];
  if (draft.metadata.resourceVersion && !request.dryRun)
    throw unexpected('resourceVersion should not be set on objects to be created');
  const existing = transaction.get(key);
  if (existing) throw alreadyExists(resourceOf(definition), name, isDying(existing.object));
  if (request.dryRun) return { record: unversioned(tracked), changed: true, warnings };
  return { record: transaction.put(key, tracked), changed: true, warnings };
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
  const merged = keepServerFields(track(request, draft, old), old, definition, request.subresource);
  if (request.subresource === '') definition.strategy.prepareForUpdate?.(merged, old, context);
  else definition.strategy.prepareForStatusUpdate?.(merged, old);
  const next = withGeneration(merged, old, request);
  const errors = [
    ...checkObjectMeta(metaOf(next), definition),
    ...checkObjectMetaUpdate(metaOf(next), metaOf(old)),
    ...belowStatus(schemaErrors(next, old, definition), request),
    ...(request.subresource === '' ? (definition.strategy.validateUpdate?.(next, old, context) ?? []) : []),
  ];
  if (errors.length > 0) throw invalid(kindOf(definition), name, errors);
  authorizeWrite(request, next, old);
  const warnings = [...admit(request, 'UPDATE', next, old), ...finalizerWarnings(request, next, old)];
  if (isNoOp(json(old), json(next))) return { record: existing, changed: false, warnings };
  if (request.dryRun)
    return { record: makeRecord(existing, existing.revision, next), changed: true, warnings };
  if (isGone(next)) {
    transaction.delete(existing);
    return { record: makeRecord(existing, existing.revision, next), changed: true, warnings };
  }
  return { record: transaction.put(existing, next), changed: true, warnings };
}

/** Nothing keeps the field of old; a dry run of an update keeps nothing, and so shows it. */
function forgetSelfLink({ metadata }: KubeObject, { dryRun }: WriteRequest): void {
  if (!dryRun) delete metadata.selfLink;
}

/** Refuses a draft of another object than the stored one, or of another version of it. */
export function requireUnchanged(
  { object: old }: StoredRecord,
  draft: KubeObject,
  definition: ResourceDefinition,
): void {
  const { name } = old.metadata;
  const { resourceVersion, uid } = draft.metadata;
  if (uid && uid !== old.metadata.uid) {
    throw conflict(
      resourceOf(definition),
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
    );
  }
  if (!resourceVersion && definition.strategy.requiresVersion)
    throw invalid(resourceOf(definition), name, [NO_VERSION]);
  if (resourceVersion && !/^\d+$/.test(resourceVersion))
    throw unexpected(`strconv.ParseUint: parsing ${JSON.stringify(resourceVersion)}: invalid syntax`);
  if (resourceVersion && resourceVersion !== old.metadata.resourceVersion) {
    throw conflict(
      resourceOf(definition),
      name,
      'the object has been modified; please apply your changes to the latest version and try again',
    );
  }
}

/** A new object has no status but what its kind gives it; Go writes an empty one for built-in kinds. */
function resetStatus(draft: KubeObject, { builtin, kind }: ResourceDefinition): void {
  if (builtin) draft['status'] = structuredClone(Object.hasOwn(EMPTY_STATUS, kind) ? EMPTY_STATUS[kind] : {});
  else delete draft['status'];
}

/** What Go writes of a status that nobody has filled in, where that is more than an empty object. */
const EMPTY_STATUS: Readonly<Record<string, JsonObject>> = {
  DaemonSet: { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 },
  Node: {
    daemonEndpoints: { kubeletEndpoint: { Port: 0 } },
    nodeInfo: {
      architecture: '',
      bootID: '',
      containerRuntimeVersion: '',
      kernelVersion: '',
      kubeProxyVersion: '',
      kubeletVersion: '',
      machineID: '',
      operatingSystem: '',
      osImage: '',
      systemUUID: '',
    },
  },
  PodDisruptionBudget: { currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 },
  ReplicaSet: { replicas: 0 },
  StatefulSet: { availableReplicas: 0, replicas: 0 },
};

/** A custom resource's status is checked by itself, so that paths in words begin below it; those of fields do not. */
function belowStatus(errors: FieldError[], { definition, subresource }: WriteRequest): FieldError[] {
  if (definition.builtin || subresource !== 'status') return errors;
  return errors.map((error) => {
    const path = error.field.replace(/^status\.?/, '');
    return { ...error, message: error.message.replace(`${error.field} in body`, `${path} in body`) };
  });
}

/** Of finalizers that a custom resource gets, those whose names anybody might choose. */
function finalizerWarnings(
  { definition }: WriteRequest,
  { metadata }: KubeObject,
  old: KubeObject | undefined,
): string[] {
  if (definition.builtin) return [];
  const added = (metadata.finalizers ?? []).filter((name) => !old?.metadata.finalizers?.includes(name));
  return [...new Set(added)]
    .filter((name) => !name.includes('/') && !STANDARD_FINALIZERS.includes(name))
    .toSorted()
    .map(
      (name) =>
        `metadata.finalizers: ${JSON.stringify(name)}: prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers`,
    );
}

function isDying({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

/** Whether an object that is being deleted has nothing left to wait for. */
export function isGone(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (deletionTimestamp === undefined || (finalizers?.length ?? 0) > 0) return false;
  if (object.kind === 'Namespace' && object.apiVersion === 'v1') {
    return ((object['spec'] as { finalizers?: string[] } | undefined)?.finalizers ?? []).length === 0;
  }
  return (deletionGracePeriodSeconds ?? 0) === 0;
}

export function hasStatus({ subresources }: ResourceDefinition): boolean {
  return subresources.some(({ name }) => name === 'status');
}

/** What strategies may ask, answered from inside the transaction. */
export function contextOf({
  state,
  transaction,
  dryRun,
}: Pick<WriteRequest, 'state' | 'transaction' | 'dryRun'>): StrategyContext {
  return {
    dryRun,
    nowMs: state.nowMs(),
    random: state.random,
    get: (resource, namespace, name) =>
      transaction.get({ resource: storageNameOf(resource), namespace, name })?.object,
    list: (resource, namespace) =>
      transaction.list(storageNameOf(resource), namespace).map(({ object }) => object),
    definitions: () => state.registry.all(),
  };
}

/** Metadata that only the server sets, and the half of the object that the request's path does not own. */
function keepServerFields(
  draft: KubeObject,
  old: KubeObject,
  definition: ResourceDefinition,
  subresource: string,
): KubeObject {
  const kept = { ...draft.metadata };
  const { metadata } = old;
  for (const field of [
    'uid',
    'creationTimestamp',
    'generation',
    'generateName',
    'resourceVersion',
  ] as const) {
    if (metadata[field] === undefined) delete kept[field];
    else Object.assign(kept, { [field]: metadata[field] });
  }
  // Nobody may begin a deletion so; the check of the update says that.
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata;
  if (deletionTimestamp !== undefined) Object.assign(kept, { deletionTimestamp });
  if (deletionGracePeriodSeconds !== undefined)
    kept.deletionGracePeriodSeconds ??= deletionGracePeriodSeconds;
  kept.name ||= metadata.name;
  if (!definition.namespaced) delete kept.namespace;
  else if (metadata.namespace !== undefined && !kept.namespace) kept.namespace = metadata.namespace;
  if (subresource === 'status') return statusOnly({ ...draft, metadata: kept }, old, definition);
  const next: KubeObject = { ...draft, metadata: kept };
  if (hasStatus(definition)) {
    if (old['status'] === undefined) delete next['status'];
    else next['status'] = old['status'];
  }
  return next;
}

/** An update through `status` changes the status; of built-in kinds also labels and the like, of custom ones managedFields only. */
function statusOnly(draft: KubeObject, old: KubeObject, definition: ResourceDefinition): KubeObject {
  const { managedFields: _before, ...kept } = old.metadata;
  const { managedFields } = draft.metadata;
  const metadata = definition.builtin
    ? withReset(draft.metadata, old.metadata, definition)
    : { ...kept, ...(managedFields && { managedFields }) };
  const next: KubeObject = { ...old, metadata };
  if (draft['status'] === undefined) delete next['status'];
  else next['status'] = draft['status'];
  return next;
}

/** Metadata without changes to the parts that the kind's status subresource leaves as they are. */
function withReset(
  metadata: KubeObject['metadata'],
  old: KubeObject['metadata'],
  { statusResets = [] }: ResourceDefinition,
): KubeObject['metadata'] {
  const kept: Record<string, unknown> = { ...metadata };
  const before: Record<string, unknown> = { ...old };
  for (const [part, field] of statusResets) {
    if (part !== 'metadata' || field === undefined) continue;
    if (before[field] === undefined) delete kept[field];
    else kept[field] = before[field];
  }
  return kept as unknown as KubeObject['metadata'];
}

/** Custom resources count every change outside metadata and status, built-in kinds changes of their spec, and what they add. */
function withGeneration(
  next: KubeObject,
  old: KubeObject,
  { definition, subresource }: WriteRequest,
): KubeObject {
  if (!definition.hasGeneration) return next;
  const before = old.metadata.generation ?? 1;
  const same =
    equalJson(specOf(next, definition), specOf(old, definition)) &&
    (subresource !== '' || definition.strategy.countsChange?.(next, old) !== true);
  return { ...next, metadata: { ...next.metadata, generation: same ? before : before + 1 } };
}

function specOf(object: KubeObject, definition: ResourceDefinition): JsonValue {
  const { apiVersion: _a, kind: _k, metadata: _m, ...rest } = object;
  if (hasStatus(definition)) delete rest['status'];
  return rest as unknown as JsonValue;
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

function track(request: WriteRequest, draft: KubeObject, old: KubeObject | undefined): KubeObject {
  const { definition, fieldManager, subresource, state } = request;
  if (fieldManager === undefined) return draft;
  if (old && !definition.builtin && isMistyped(draft, request)) return withManagersOf(draft, old);
  const writer = writerOf(definition, { fieldManager, subresource, nowMs: state.nowMs() });
  return trackManagers(draft, old, writer);
}

/**
 * Whether the part of a custom resource that the write leaves as it is was sent as something that the schema cannot
 * hold: then kube-apiserver passes field management by.
 */
function isMistyped({ metadata: _m, status, ...rest }: KubeObject, request: WriteRequest): boolean {
  const { definition, subresource } = request;
  if (!hasStatus(definition)) return false;
  const foreign = subresource === 'status' ? rest : { ...(status !== undefined && { status }) };
  return validate(definition.schema, foreign as JsonObject).some(
    ({ reason }) => reason === 'FieldValueTypeInvalid',
  );
}

function withManagersOf(draft: KubeObject, { metadata: { managedFields } }: KubeObject): KubeObject {
  const { managedFields: _sent, ...metadata } = draft.metadata;
  return { ...draft, metadata: { ...metadata, ...(managedFields && { managedFields }) } };
}

function generateName({ state, transaction, definition, namespace }: WriteRequest, stem: string): string {
  if (stem === '') return '';
  const resource = storageName(definition);
  let name = '';
  for (let attempt = 0; attempt < MAX_NAME_TRIES; attempt++) {
    name = stem.slice(0, MAX_GENERATED_STEM) + suffix(state.random);
    if (!transaction.get({ resource, namespace: definition.namespaced ? namespace : '', name })) break;
  }
  return name;
}

function suffix(random: () => number): string {
  let text = '';
  for (let index = 0; index < 5; index++) text += NAME_ALPHABET[Math.floor(random() * NAME_ALPHABET.length)];
  return text;
}

function unversioned(object: KubeObject): Pick<StoredRecord, 'object' | 'json'> {
  return { object, json: JSON.stringify(object) };
}
