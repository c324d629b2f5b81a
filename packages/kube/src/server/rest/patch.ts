import { authorizeAlso } from './authorize-also.ts';
import { mediaTypeOf, parseJson, parseYaml, readBody } from '../http/read-body.ts';
import { resourceOf } from '../kinds/resource-definition.ts';
import { apiVersionOf, type KubeObject } from '../model/kube-object.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import type { PatchError } from '../patch/patch-error.ts';
import { applyServerSide, groupVersionKind } from '../patch/server-side-apply.ts';
import { invalid as invalidField } from '../schema/field-error.ts';
import { compareText } from '../schema/compare-text.ts';
import type { JsonObject, JsonValue } from '../schema/json.ts';
import { isJsonObject } from '../schema/json.ts';
import { applyStrategicMergePatch } from '../patch/strategic-merge-patch.ts';
import type { Result } from '../schema/result.ts';
import {
  StatusError,
  applyConflict,
  badRequest,
  internalError,
  invalid,
  notFound,
  unexpected,
  unsupportedMediaType,
} from '../status/status.ts';
import type { StoredRecord } from '../storage/record.ts';
import { decodeObject } from './decode-object.ts';
import { patchFailure } from './patch-failure.ts';
import {
  keyOf,
  reportUnknown,
  requireName,
  requireSameNamespace,
  requestOf,
  sendRecord,
  writeOptionsOf,
} from './read-write.ts';
import type { ResourceContext } from './request-context.ts';
import { applyDefaults, pruneUnknown, writerOf } from './schema-steps.ts';
import type { WriteOptions } from './write-options.ts';
import { requireUnchanged } from './require-unchanged.ts';
import { createObject, updateObject, type Written } from './write-object.ts';
import type { WriteRequest } from './write-request.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
const APPLY_PATCH = 'application/apply-patch+yaml';

/** Answers a patch of an object or of its status: JSON patch, merge patch, strategic merge patch, server-side apply. */
export async function handlePatch(context: ResourceContext): Promise<void> {
  const { definition, request, state } = context;
  const mediaType = mediaTypeOf(request.headers['content-type']);
  const accepted = [JSON_PATCH, MERGE_PATCH, ...(definition.builtin ? [STRATEGIC_PATCH] : []), APPLY_PATCH];
  if (!accepted.includes(mediaType)) throw unsupportedMediaType(accepted);
  const bytes = await readBody(request);
  const options = writeOptionsOf(context, 'PatchOptions', mediaType === APPLY_PATCH ? 'apply' : 'patch');
  if (mediaType === APPLY_PATCH) {
    const config = parseYaml(bytes);
    const { written, created } = await state.store.write((transaction) =>
      applyConfig(
        context,
        { ...requestOf(context, options), transaction, fieldManager: undefined },
        config,
        options,
      ),
    );
    return sendRecord(context, created ? 201 : 200, written.record);
  }
  const patch = parseJson(bytes);
  const written = await state.store.write((transaction) => {
    const existing = transaction.get(keyOf(context));
    if (!existing) throw notFound(resourceOf(definition), context.info.name);
    const live = existing.object as unknown as JsonObject;
    const patched = applyPatch(mediaType, { live, patch, fieldValidation: options.fieldValidation }, context);
    const draft = acceptDraft(context, decodePatched(context, withType(patched, context), options));
    if (!definition.builtin) requireSameType(existing, { draft, patched, context });
    return updateObject({ ...requestOf(context, options), transaction }, existing, draft);
  });
  sendRecord(context, 200, written.record);
}

/** Carries a patch out on the object as JSON. */
function applyPatch(
  mediaType: string,
  {
    live,
    patch,
    fieldValidation,
  }: { live: JsonObject; patch: JsonValue; fieldValidation: WriteOptions['fieldValidation'] },
  { definition }: ResourceContext,
): JsonObject {
  const result: Result<JsonObject, PatchError> =
    mediaType === JSON_PATCH
      ? applyJsonPatch(live, patch)
      : mediaType === MERGE_PATCH
        ? applyMergePatch(live, patch)
        : applyStrategicMergePatch(definition.schema, live, patch);
  if (result.ok) return result.value;
  // Where unknown fields are of no matter, a patch is decoded by its library alone.
  throw patchFailure(
    fieldValidation === 'Ignore'
      ? {
          ...result.error,
          message: result.error.message
            .replace(/^error decoding patch: /, '')
            .replace('[]handlers.jsonPatchOp', 'jsonpatch.Patch')
            .replace('handlers.jsonPatchOp', 'jsonpatch.Operation'),
        }
      : result.error,
  );
}

/** What a patch gave as an object of the right kind, even where it changed that: that is seen later. */
function withType(patched: JsonObject, { definition }: ResourceContext): JsonObject {
  const { builtin, group, version, kind } = definition;
  if (builtin) return patched;
  return {
    ...patched,
    ...(!patched['apiVersion'] && { apiVersion: apiVersionOf(group, version) }),
    ...(typeof patched['kind'] === 'string' && patched['kind'] !== '' && { kind }),
  };
}

/** Only once a custom resource is about to be written kube-apiserver sees that it is of another kind, or of no version. */
function requireSameType(
  existing: StoredRecord,
  { draft, patched, context }: { draft: KubeObject; patched: JsonObject; context: ResourceContext },
): void {
  const { definition, info } = context;
  const { group, kind } = definition;
  const given = patched['kind'];
  if (patched['apiVersion'] && given === kind) return;
  requireUnchanged(existing, draft, definition);
  if (!patched['apiVersion'])
    throw internalError("Object 'apiVersion' is missing in 'object has no apiVersion field'");
  // By way of the status everything else stays as it was.
  if (info.subresource === 'status') return;
  throw invalid({ group, name: typeof given === 'string' ? given : '' }, draft.metadata.name, [
    invalidField('kind', given ?? null, `must be ${kind}`),
  ]);
}

/** Decodes what a patch gave. What does not fit the kind, or is unknown to it, is a wrong patch. */
function decodePatched(context: ResourceContext, object: JsonObject, options: WriteOptions): KubeObject {
  try {
    return decode(context, structuredClone(object), options);
  } catch (error) {
    if (!(error instanceof StatusError) || error.status.code !== 400) throw error;
    const why = error.message.replace(/^\w+ in version "\w+" cannot be handled as a \w+: /, '');
    const message = `Invalid value: ${JSON.stringify(JSON.stringify(object))}: ${why}`;
    throw invalid({ group: '', name: '' }, '', [{ reason: 'FieldValueInvalid', field: 'patch', message }]);
  }
}

/**
 * Decodes what an apply gave. Go has no status for what does not fit the kind. A custom resource is not decoded there,
 * so that nulls stay, which its schema then may refuse.
 */
function decodeApplied(context: ResourceContext, object: JsonObject, options: WriteOptions): KubeObject {
  try {
    return decode(context, object, options, !context.definition.builtin);
  } catch (error) {
    if (!(error instanceof StatusError) || error.status.code !== 400) throw error;
    const { namespace = '', name } = (object['metadata'] ?? {}) as { namespace?: string; name?: string };
    const gvk = groupVersionKind(object);
    throw unexpected(
      `failed to convert new object (${namespace}/${name ?? ''}; ${gvk}) to proper version: unable to convert unstructured object to ${gvk}: ${error.message}`,
    );
  }
}

function decode(
  context: ResourceContext,
  object: JsonObject,
  options: WriteOptions,
  keepsNulls = false,
): KubeObject {
  const { definition } = context;
  const { draft, unknown } = pruneUnknown(decodeObject(object, definition), definition, keepsNulls);
  // Go writes what a patch gave with its fields in order, and reads that.
  reportUnknown(context, unknown.toSorted(compareText), options);
  return draft;
}

/** Checks and completes what a patch or an apply gave. */
function acceptDraft(context: ResourceContext, draft: KubeObject): KubeObject {
  requireSameNamespace(draft, context);
  requireName(draft, context);
  applyDefaults(draft, context.definition);
  return draft;
}

/** Server-side apply: creates or updates an object by a configuration. */
function applyConfig(
  context: ResourceContext,
  request: WriteRequest,
  config: JsonValue,
  options: WriteOptions,
): { written: Written; created: boolean } {
  const { definition, info, state } = context;
  if (!isJsonObject(config)) throw badRequest('the configuration to apply is not an object');
  const existing = request.transaction.get(keyOf(context));
  if (!existing && info.subresource !== '') throw notFound(resourceOf(definition), info.name);
  if (!existing) authorizeAlso(context, 'create');
  const writer = writerOf(definition, {
    fieldManager: options.fieldManager,
    subresource: info.subresource,
    nowMs: state.nowMs(),
  });
  const outcome = applyServerSide(writer, {
    live: existing?.object as unknown as JsonObject | undefined,
    config,
    force: options.force === true,
  });
  if (!outcome.ok) {
    const { error } = outcome;
    if (error.kind === 'conflict') throw applyConflict(error.message, error.causes);
    throw error.kind === 'bad-request' ? badRequest(error.message) : unexpected(error.message);
  }
  const draft = acceptDraft(context, decodeApplied(context, outcome.value.object, options));
  if (existing) return { written: updateObject(request, existing, draft), created: false };
  if (!request.dryRun) delete draft.metadata.resourceVersion;
  return { written: createObject(request, draft), created: true };
}
