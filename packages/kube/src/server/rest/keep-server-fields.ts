import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { equalJson, type JsonValue } from '../schema/json.ts';
import { hasStatus } from './object-status.ts';
import type { WriteRequest } from './write-request.ts';

/** Metadata that only the server sets, and the half of the object that the request's path does not own. */
export function keepServerFields(
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
export function withGeneration(
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
