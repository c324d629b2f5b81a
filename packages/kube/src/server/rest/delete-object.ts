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

export interface DeleteRequest {
  readonly state: Pick<ServerState, 'nowMs'>;
  readonly transaction: Transaction;
  readonly definition: ResourceDefinition;
  readonly options: DeleteOptions;
}

const GC_FINALIZERS = ['orphan', 'foregroundDeletion'];
const DEFAULT_POD_GRACE_S = 30;

/** What a deletion makes of an object: the object as it is now, or as it was when it went. */
export interface Deleted {
  readonly record: Pick<StoredRecord, 'object' | 'json'>;
  readonly gone: boolean;
}

/**
 * Begins or ends the deletion of an object: it goes at once unless finalizers, a pod's grace period or a
 * namespace's content hold it; then it is marked with a deletionTimestamp (apiserver, `registry.Store.Delete`).
 */
export function deleteObject(request: DeleteRequest, existing: StoredRecord): Deleted {
  const { state, transaction, definition, options } = request;
  const old = existing.object;
  const isGraceful = definition.group === '' && definition.kind === 'Pod';
  if (isGraceful && isWaiting(old, options)) return { record: existing, gone: false };
  const nowMs = state.nowMs();
  const draft: KubeObject = { ...old, metadata: { ...old.metadata } };
  const finalizers = finalizersFor(old, options);
  if (finalizers.length > 0) draft.metadata.finalizers = finalizers;
  else delete draft.metadata.finalizers;
  const isMarked = isGraceful ? markGraceful(draft, options, nowMs) : false;
  if (old.metadata.deletionTimestamp === undefined) definition.strategy.prepareForDelete?.(draft, nowMs);
  if (isHeld(draft)) {
    if (!isMarked) mark(draft, 0, nowMs);
    if (isNamespace(draft)) draft['status'] = { ...(draft['status'] as object), phase: 'Terminating' };
    return { record: putUnlessSame(request, existing, draft), gone: false };
  }
  if (isMarked && (draft.metadata.deletionGracePeriodSeconds ?? 0) > 0)
    return { record: putUnlessSame(request, existing, draft), gone: false };
  // What goes with grace is seen to be going, even where that takes no time.
  const last = isMarked ? putUnlessSame(request, existing, draft) : existing;
  return { record: options.dryRun ? last : transaction.delete(existing), gone: true };
}

/** Whether a graceful deletion goes on as it is: nobody can make its time longer. */
function isWaiting({ metadata }: KubeObject, { gracePeriodSeconds }: DeleteOptions): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === 0) return false;
  return gracePeriodSeconds === undefined || atLeastOne(gracePeriodSeconds) >= deletionGracePeriodSeconds;
}

/** Begins a graceful deletion, or makes its time shorter; says whether it did. */
function markGraceful(draft: KubeObject, options: DeleteOptions, nowMs: number): boolean {
  const { metadata } = draft;
  const { deletionTimestamp, deletionGracePeriodSeconds: before } = metadata;
  if (deletionTimestamp === undefined) {
    mark(draft, graceOf(draft, options), nowMs);
    return true;
  }
  if (!before || options.gracePeriodSeconds === undefined) return false;
  const asked = atLeastOne(options.gracePeriodSeconds);
  const endMs = Date.parse(deletionTimestamp) - (before - asked) * 1000;
  metadata.deletionTimestamp = formatTime(Math.max(endMs, nowMs));
  metadata.deletionGracePeriodSeconds = endMs < nowMs && asked !== 0 ? 1 : asked;
  return true;
}

/** Marks an object as going, from now or from when it was marked first. */
function mark({ metadata }: KubeObject, graceSeconds: number, nowMs: number): void {
  if (metadata.deletionTimestamp === undefined && metadata.generation !== undefined) metadata.generation += 1;
  const endMs = nowMs + graceSeconds * 1000;
  if (metadata.deletionTimestamp === undefined || Date.parse(metadata.deletionTimestamp) > endMs)
    metadata.deletionTimestamp = formatTime(endMs);
  metadata.deletionGracePeriodSeconds = graceSeconds;
}

/** Whether something must be taken away before the object can go. */
function isHeld(object: KubeObject): boolean {
  if ((object.metadata.finalizers?.length ?? 0) > 0) return true;
  if (!isNamespace(object)) return false;
  const { finalizers = [] } = (object['spec'] as { finalizers?: string[] } | undefined) ?? {};
  return finalizers.length > 0;
}

function putUnlessSame(
  { transaction, options }: DeleteRequest,
  existing: StoredRecord,
  draft: KubeObject,
): Pick<StoredRecord, 'object' | 'json'> {
  const json = JSON.stringify(draft);
  if (options.dryRun) return { object: draft, json };
  return json === existing.json ? existing : transaction.put(existing, draft);
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

/** Seconds that a pod has to end by itself: none where it runs nowhere. */
function graceOf(pod: KubeObject, { gracePeriodSeconds }: DeleteOptions): number {
  const phase = readPath(pod, ['status', 'phase']);
  const isScheduled = Boolean(readPath(pod, ['spec', 'nodeName']));
  if (!isScheduled || phase === 'Succeeded' || phase === 'Failed') return 0;
  const asked = gracePeriodSeconds ?? readPath(pod, ['spec', 'terminationGracePeriodSeconds']);
  return typeof asked === 'number' ? atLeastOne(asked) : DEFAULT_POD_GRACE_S;
}

/** Less than nothing counts as a second. */
function atLeastOne(seconds: number): number {
  return seconds < 0 ? 1 : seconds;
}

function isNamespace({ kind, apiVersion }: KubeObject): boolean {
  return kind === 'Namespace' && apiVersion === 'v1';
}
