import { printable } from '../model/text.ts';
import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { formatTime } from '../model/kube-object.ts';
import { readPath } from '../model/read-path.ts';
import type { JsonObject } from '../schema/json.ts';
import { badRequest } from '../status/status.ts';
import type { StoredRecord } from '../storage/record.ts';
import type { Transaction } from '../storage/store.ts';
import type { ServerState } from './server-state.ts';
import type { DeleteOptions } from './write-options.ts';
import { isGone } from './write-object.ts';

export interface DeleteRequest {
  readonly state: Pick<ServerState, 'nowMs'>;
  readonly transaction: Transaction;
  readonly definition: ResourceDefinition;
  readonly options: DeleteOptions;
}

const GC_FINALIZERS = ['orphan', 'foregroundDeletion'];
const DEFAULT_POD_GRACE_S = 30;

/**
 * Begins or ends the deletion of an object: it goes at once unless finalizers, a pod's grace period or a
 * namespace's content hold it; then it is marked with a deletionTimestamp.
 */
export function deleteObject(
  { state, transaction, definition, options }: DeleteRequest,
  existing: StoredRecord,
): { record: Pick<StoredRecord, 'object' | 'json'>; gone: boolean } {
  const old = existing.object;
  const nowMs = state.nowMs();
  const graceSeconds = graceOf(old, definition, options);
  const draft: KubeObject = { ...old, metadata: { ...old.metadata } };
  const { metadata } = draft;
  const finalizers = finalizersFor(old, options);
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  else delete metadata.finalizers;
  const shortened =
    metadata.deletionTimestamp !== undefined && graceSeconds < (metadata.deletionGracePeriodSeconds ?? 0);
  if (metadata.deletionTimestamp === undefined || shortened) {
    metadata.deletionTimestamp = formatTime(nowMs + graceSeconds * 1000);
    metadata.deletionGracePeriodSeconds = graceSeconds;
    if (definition.hasGeneration && metadata.generation !== undefined) metadata.generation += 1;
  }
  if (old.metadata.deletionTimestamp === undefined) definition.strategy.prepareForDelete?.(draft, nowMs);
  if (isNamespace(draft)) draft['status'] = { ...(draft['status'] as object), phase: 'Terminating' };
  if (isGone(draft)) {
    if (options.dryRun) return { record: existing, gone: true };
    return { record: transaction.delete(existing), gone: true };
  }
  if (options.dryRun) return { record: { object: draft, json: JSON.stringify(draft) }, gone: false };
  if (JSON.stringify(draft) === existing.json) return { record: existing, gone: false };
  return { record: transaction.put(existing, draft), gone: false };
}

/** Checks that a delete's body is a DeleteOptions (or names no kind). */
export function decodeDeletion(body: JsonObject): void {
  const kind = body['kind'];
  if (kind !== undefined && kind !== 'DeleteOptions') {
    throw badRequest(`the body of a delete must be DeleteOptions, not ${printable(kind)}`);
  }
}

function finalizersFor(
  { metadata }: KubeObject,
  { propagationPolicy, orphanDependents }: DeleteOptions,
): string[] {
  const kept = (metadata.finalizers ?? []).filter((finalizer) => !GC_FINALIZERS.includes(finalizer));
  const had = (metadata.finalizers ?? []).filter((finalizer) => GC_FINALIZERS.includes(finalizer));
  if (propagationPolicy === 'Orphan' || orphanDependents === true) return [...kept, 'orphan'];
  if (propagationPolicy === 'Foreground') return [...kept, 'foregroundDeletion'];
  if (propagationPolicy === 'Background' || orphanDependents === false) return kept;
  return [...kept, ...had];
}

/** Seconds until the object goes by itself. Only pods that run somewhere get any. */
function graceOf(
  object: KubeObject,
  { group, kind }: ResourceDefinition,
  { gracePeriodSeconds }: DeleteOptions,
): number {
  if (group !== '' || kind !== 'Pod') return 0;
  const phase = readPath(object, ['status', 'phase']);
  const isScheduled = Boolean(readPath(object, ['spec', 'nodeName']));
  if (!isScheduled || phase === 'Succeeded' || phase === 'Failed') return 0;
  const asked = gracePeriodSeconds ?? readPath(object, ['spec', 'terminationGracePeriodSeconds']);
  return typeof asked === 'number' ? Math.max(asked, asked < 0 ? 1 : 0) : DEFAULT_POD_GRACE_S;
}

function isNamespace({ kind, apiVersion }: KubeObject): boolean {
  return kind === 'Namespace' && apiVersion === 'v1';
}
