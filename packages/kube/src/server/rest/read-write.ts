import { isMetaConversion, negotiate } from '../http/negotiation.ts';
import { parseObjectBody, readBody } from '../http/read-body.ts';
import { addWarning, sendText } from '../http/respond.ts';
import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import { resourceOf } from '../kinds/resource-definition.ts';
import { storageName } from '../kinds/registry.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { badRequest, conflict, notFound } from '../status/status.ts';
import { compareText } from '../schema/compare-text.ts';
import type { StorageKey, StoredRecord } from '../storage/record.ts';
import { decodeObject } from './decode-object.ts';
import { presenterOf } from './present.ts';
import type { ResourceContext } from './request-context.ts';
import { applyDefaults, pruneUnknown } from './schema-steps.ts';
import type { WriteOptions } from './write-options.ts';
import { parseWriteOptions } from './write-options.ts';
import { createObject, updateObject } from './write-object.ts';
import type { WriteRequest } from './write-request.ts';

/** Answers a get of one object. */
export function handleGet(context: ResourceContext): void {
  const { definition, state, info } = context;
  const record = state.store.get(keyOf(context));
  if (!record) throw notFound(resourceOf(definition), info.name);
  sendRecord(context, 200, record);
}

/** Answers a create. */
export async function handleCreate(context: ResourceContext): Promise<void> {
  const { definition, state } = context;
  const options = writeOptionsOf(context, 'CreateOptions');
  const draft = await readDraft(context, options);
  requireSameNamespace(draft, context);
  applyDefaults(draft, definition);
  const written = await state.store.write((transaction) =>
    createObject({ ...requestOf(context, options), transaction }, draft),
  );
  sendRecord(context, 201, written.record);
}

/** Answers an update of an object or of its status. */
export async function handleUpdate(context: ResourceContext): Promise<void> {
  const { definition, state, info } = context;
  const options = writeOptionsOf(context, 'UpdateOptions');
  const draft = await readDraft(context, options);
  requireSameNamespace(draft, context);
  requireName(draft, context);
  applyDefaults(draft, definition);
  let code = 200;
  const written = await state.store.write((transaction) => {
    const request = { ...requestOf(context, options), transaction };
    const existing = transaction.get(keyOf(context));
    if (existing) return updateObject(request, existing, draft);
    if (!definition.strategy.createOnUpdate) throw notFound(resourceOf(definition), info.name);
    const { uid } = draft.metadata;
    if (uid) {
      const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: `;
      throw conflict(resourceOf(definition), info.name, why);
    }
    code = 201;
    // A dry run keeps it, as it is nobody's.
    if (!options.dryRun) delete draft.metadata.resourceVersion;
    return createObject(request, draft);
  });
  sendRecord(context, code, written.record);
}

export function keyOf({ definition, info }: Pick<ResourceContext, 'definition' | 'info'>): StorageKey {
  const namespace = definition.namespaced ? info.namespace : '';
  return { resource: storageName(definition), namespace, name: info.name };
}

export function writeOptionsOf(
  { query, request }: ResourceContext,
  kind: string,
  patch?: 'apply' | 'patch',
): WriteOptions {
  return parseWriteOptions(query, request.headers['user-agent'], kind, patch);
}

/** Reads the body as an object of the request's kind, without the fields that its schema does not know. */
async function readDraft(context: ResourceContext, options: WriteOptions): Promise<KubeObject> {
  const body = parseObjectBody(await readBody(context.request), context.request.headers['content-type']);
  const { draft, unknown } = pruneUnknown(decodeObject(body, context.definition), context.definition);
  reportUnknown(context, unknown, options);
  return draft;
}

/** Warns of unknown fields, or refuses them, as `fieldValidation` says. */
export function reportUnknown(
  { response, definition }: Pick<ResourceContext, 'response' | 'definition'>,
  unknown: readonly string[],
  { fieldValidation }: WriteOptions,
): void {
  if (unknown.length === 0 || fieldValidation === 'Ignore') return;
  const paths = definition.builtin ? unknown : inOrderOfPruning(unknown);
  const texts = paths.map((path) => `unknown field ${JSON.stringify(path)}`);
  if (fieldValidation === 'Strict') throw strictDecodingError(texts, definition);
  for (const text of texts) addWarning(response, text);
}

/** Kubernetes looks at a custom resource's metadata first, and sorts what the schema takes away from the rest. */
function inOrderOfPruning(unknown: readonly string[]): string[] {
  const isOfMetadata = (path: string) => path.startsWith('metadata.');
  const sorted = unknown.toSorted(compareText);
  return [...sorted.filter(isOfMetadata), ...sorted.filter((path) => !isOfMetadata(path))];
}

function strictDecodingError(texts: readonly string[], { kind, version }: ResourceDefinition) {
  const why = `strict decoding error: ${texts.join(', ')}`;
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`);
}

export function requireSameNamespace({ metadata }: KubeObject, { definition, info }: ResourceContext): void {
  if (!definition.namespaced || !metadata.namespace || metadata.namespace === info.namespace) return;
  throw badRequest(`the namespace of the provided object does not match the namespace sent on the request`);
}

/** An object that is written by its path says the same name; kube-apiserver does not fill it in. */
export function requireName({ metadata: { name } }: KubeObject, { info }: ResourceContext): void {
  if (name === '')
    throw badRequest(
      `the name of the object (${info.name} based on URL) was undeterminable: name must be provided`,
    );
  if (name !== info.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${info.name})`);
}

/** A write as a request asks for it, but for the transaction that it is in. */
export function requestOf(
  { state, definition, info, user, response }: ResourceContext,
  options: WriteOptions,
): Omit<WriteRequest, 'transaction'> {
  return {
    state,
    definition,
    namespace: info.namespace,
    subresource: info.subresource,
    user,
    dryRun: options.dryRun,
    fieldManager: options.fieldManager,
    warn: (text) => addWarning(response, text),
  };
}

export function sendRecord(
  context: ResourceContext,
  code: number,
  record: Pick<StoredRecord, 'object' | 'json'>,
): void {
  const { definition, request, response, query, state } = context;
  const negotiated = negotiate(request.headers.accept, isMetaConversion);
  const presenter = presenterOf(definition, negotiated, { query, nowMs: state.nowMs });
  sendText(response, code, presenter.object(record), negotiated.format);
}
