import { parseObjectBody, readBody, mediaTypeOf, parseJson } from '../../http/read-body.ts';
import { sendText } from '../../http/respond.ts';
import { negotiate } from '../../http/negotiation.ts';
import type { ResourceDefinition, ScalePaths } from '../../kinds/resource-definition.ts';
import { resourceOf } from '../../kinds/resource-definition.ts';
import type { KubeObject } from '../../model/kube-object.ts';
import { readPath, writePath } from '../../model/read-path.ts';
import { applyJsonPatch } from '../../patch/json-patch.ts';
import { applyMergePatch } from '../../patch/merge-patch.ts';
import type { JsonObject } from '../../schema/json.ts';
import { invalid as invalidField } from '../../schema/field-error.ts';
import type { JsonValue } from '../../schema/json.ts';
import { isJsonObject } from '../../schema/json.ts';
import { formatLabelSelector } from '../../selector/label-selector.ts';
import { conflict, invalid, notFound, unsupportedMediaType } from '../../status/status.ts';
import type { StoredRecord } from '../../storage/record.ts';
import { patchFailure } from '../patch-failure.ts';
import { keyOf, requestOf, writeOptionsOf } from '../read-write.ts';
import type { ResourceContext } from '../request-context.ts';
import { updateObject } from '../write-object.ts';

/** Answers `scale`: the replicas of a scalable object as an autoscaling/v1 Scale. */
export async function handleScale(context: ResourceContext): Promise<void> {
  const { definition, info, state } = context;
  if (info.verb === 'get') {
    const record = state.store.get(keyOf(context));
    if (!record) throw notFound(resourceOf(definition), info.name);
    return sendScale(context, scaleOf(record.object, definition));
  }
  const options = writeOptionsOf(context, info.verb === 'patch' ? 'PatchOptions' : 'UpdateOptions');
  const change = await readChange(context);
  const scale = await state.store.write((transaction) => {
    const existing = transaction.get(keyOf(context));
    if (!existing) throw notFound(resourceOf(definition), info.name);
    const wanted = change(scaleOf(existing.object, definition));
    const draft = scaledDraft(existing, wanted, context);
    const request = { ...requestOf(context, options), transaction };
    return scaleOf(updateObject(request, existing, draft).record.object, definition);
  });
  sendScale(context, scale);
}

type Change = (scale: JsonObject) => JsonObject;

async function readChange({ info, request }: ResourceContext): Promise<Change> {
  const body = await readBody(request);
  if (info.verb === 'update') {
    const wanted = parseObjectBody(body, request.headers['content-type']);
    return () => wanted;
  }
  const mediaType = mediaTypeOf(request.headers['content-type']);
  const types = [
    'application/json-patch+json',
    'application/merge-patch+json',
    'application/strategic-merge-patch+json',
  ];
  if (!types.includes(mediaType)) throw unsupportedMediaType(types);
  const patch = parseJson(body);
  return (scale) => {
    // A Scale has no lists, so that a strategic patch of it is a merge patch.
    const result = mediaType === types[0] ? applyJsonPatch(scale, patch) : applyMergePatch(scale, patch);
    if (!result.ok) throw patchFailure(result.error);
    return result.value;
  };
}

function scaledDraft(
  existing: StoredRecord,
  wanted: JsonObject,
  { definition, info }: ResourceContext,
): KubeObject {
  const { metadata } = wanted;
  const revision = isJsonObject(metadata) ? metadata['resourceVersion'] : undefined;
  if (
    typeof revision === 'string' &&
    revision !== '' &&
    revision !== existing.object.metadata.resourceVersion
  ) {
    throw conflict(
      resourceOf(definition),
      info.name,
      'the object has been modified; please apply your changes to the latest version and try again',
    );
  }
  const replicas = readPath(wanted, ['spec', 'replicas']) ?? 0;
  if (!Number.isSafeInteger(replicas) || (replicas as number) < 0 || (replicas as number) > 2 ** 31 - 1) {
    throw invalid({ group: 'autoscaling', name: 'Scale' }, info.name, [
      invalidField('spec.replicas', replicas as JsonValue, 'must be greater than or equal to 0'),
    ]);
  }
  const draft = structuredClone(existing.object);
  writePath(draft, pathsOf(definition).specReplicas, replicas);
  return draft;
}

function scaleOf({ metadata, ...object }: KubeObject, definition: ResourceDefinition): JsonObject {
  const paths = pathsOf(definition);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
  const selector = paths.labelSelector && readPath(object, paths.labelSelector);
  const text = typeof selector === 'string' ? selector : selector ? formatLabelSelector(selector) : undefined;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      uid: uid ?? '',
      resourceVersion: resourceVersion ?? '',
      creationTimestamp: creationTimestamp ?? null,
    },
    spec: { replicas: countAt(object, paths.specReplicas) },
    status: { replicas: countAt(object, paths.statusReplicas), ...(text && { selector: text }) },
  };
}

function pathsOf({ scale }: ResourceDefinition): ScalePaths {
  if (!scale) throw new Error('a resource without scale');
  return scale;
}

function countAt(object: object, path: readonly string[]): number {
  const value = readPath(object, path);
  return typeof value === 'number' ? value : 0;
}

function sendScale({ request, response }: ResourceContext, scale: JsonObject): void {
  const { format } = negotiate(request.headers.accept, () => false);
  sendText(response, 200, JSON.stringify(scale), format);
}
