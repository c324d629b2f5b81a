import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import { storageName } from '../kinds/registry.ts';
import type { KubeObject, OwnerReference } from '../model/kube-object.ts';
import { parseApiVersion } from '../model/kube-object.ts';
import { deleteObject } from '../rest/delete-object.ts';
import type { ServerState } from '../rest/server-state.ts';
import { isGone } from '../rest/is-gone.ts';
import type { PropagationPolicy } from '../rest/write-options.ts';
import type { StorageKey, StoredRecord } from '../storage/record.ts';
import type { Transaction } from '../storage/store.ts';
import type { Controller } from './controller.ts';
import { OwnerIndex } from './owner-index.ts';
import { WorkQueue } from './work-queue.ts';

const ORPHAN = 'orphan';
const FOREGROUND = 'foregroundDeletion';

/**
 * Deletes objects whose owners are all gone, and carries out the orphan and foreground deletion of owners
 * (Kubernetes "Garbage Collection").
 */
export function garbageCollector(state: ServerState): Controller {
  const index = new OwnerIndex();
  const queue = new WorkQueue(
    (text) => state.store.write((transaction) => reconcile({ state, transaction, index }, parseKey(text))),
    state.onError,
  );
  const addDependents = (uid: string | undefined) => {
    for (const key of index.dependentsOf(uid ?? '')) queue.add(keyText(key));
  };
  return {
    start: () => {
      for (const resource of state.store.counts().keys()) {
        for (const record of state.store.list(resource)) {
          index.add(record);
          if (needsCare(record.object)) queue.add(keyText(record));
        }
      }
    },
    notice: (events) => {
      for (const event of events) {
        index.notice(event);
        const { type, record, previous } = event;
        if (type === 'DELETED') addDependents(record.object.metadata.uid);
        else if (needsCare(record.object)) queue.add(keyText(record));
        // A dependent that goes, or lets go of its owner, may be what a foreground deletion waits for.
        for (const owner of previous?.object.metadata.ownerReferences ?? []) {
          const key = ownerKey(state, owner, record.namespace);
          if (key) queue.add(keyText(key));
        }
      }
    },
    close: () => queue.close(),
  };
}

interface Work {
  readonly state: ServerState;
  readonly transaction: Transaction;
  readonly index: OwnerIndex;
}

function needsCare({ metadata }: KubeObject): boolean {
  if ((metadata.ownerReferences?.length ?? 0) > 0) return true;
  return (
    metadata.deletionTimestamp !== undefined &&
    (metadata.finalizers ?? []).some((name) => name === ORPHAN || name === FOREGROUND)
  );
}

function reconcile(work: Work, key: StorageKey): void {
  const record = work.transaction.get(key);
  if (!record) return;
  const { metadata } = record.object;
  if (metadata.deletionTimestamp !== undefined) {
    if (metadata.finalizers?.includes(ORPHAN)) orphanDependents(work, record);
    else if (metadata.finalizers?.includes(FOREGROUND)) deleteDependents(work, record);
    return;
  }
  collect(work, record);
}

/** Deletes an object when none of its owners lives; drops references to those that are gone when some do. */
function collect(work: Work, record: StoredRecord): void {
  const owners = record.object.metadata.ownerReferences ?? [];
  if (owners.length === 0) return;
  const states = owners.map((owner) => ({ owner, fate: fateOf(work, owner, record.namespace) }));
  if (states.some(({ fate }) => fate === 'unknown')) return;
  const solid = states.filter(({ fate }) => fate === 'alive');
  const waiting = states.filter(({ fate }) => fate === 'waiting');
  if (solid.length > 0) {
    if (solid.length < owners.length)
      putOwners(
        work,
        record,
        solid.map(({ owner }) => owner),
      );
    return;
  }
  const policy: PropagationPolicy =
    waiting.length > 0 && work.index.dependentsOf(record.object.metadata.uid ?? '').length > 0
      ? 'Foreground'
      : (policyOf(record.object) ?? 'Background');
  remove(work, record, policy);
}

/** What finalizers ask for when nobody says how to delete. */
function policyOf({ metadata }: KubeObject): PropagationPolicy | undefined {
  if (metadata.finalizers?.includes(ORPHAN)) return 'Orphan';
  return metadata.finalizers?.includes(FOREGROUND) ? 'Foreground' : undefined;
}

/**
 * `waiting` is an owner that is being deleted in the foreground; `gone` one that the store, asked now, has not under
 * its name and uid; `unknown` one that it cannot be asked for. Nothing is deleted on an `unknown`.
 */
type Fate = 'alive' | 'waiting' | 'gone' | 'unknown';

function fateOf({ state, transaction }: Work, owner: OwnerReference, namespace: string): Fate {
  const definition = definitionOf(state, owner);
  if (!definition) return 'unknown';
  const key = keyFor(definition, owner, namespace);
  if (!key) return 'unknown';
  const object = transaction.get(key)?.object;
  if (!object || object.metadata.uid !== owner.uid) return 'gone';
  const { deletionTimestamp, finalizers } = object.metadata;
  return deletionTimestamp !== undefined && finalizers?.includes(FOREGROUND) ? 'waiting' : 'alive';
}

function orphanDependents(work: Work, owner: StoredRecord): void {
  const { uid } = owner.object.metadata;
  for (const key of work.index.dependentsOf(uid ?? '')) {
    const dependent = work.transaction.get(key);
    if (!dependent) continue;
    putOwners(
      work,
      dependent,
      (dependent.object.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== uid),
    );
  }
  dropFinalizer(work, owner, ORPHAN);
}

/** Deletes what an owner has, and lets it go when nothing that blocks it is left. */
function deleteDependents(work: Work, owner: StoredRecord): void {
  const { uid } = owner.object.metadata;
  let blocking = 0;
  for (const key of work.index.dependentsOf(uid ?? '')) {
    const dependent = work.transaction.get(key);
    const reference = dependent?.object.metadata.ownerReferences?.find((candidate) => candidate.uid === uid);
    if (!dependent || !reference) continue;
    if (dependent.object.metadata.deletionTimestamp === undefined) collect(work, dependent);
    const left = work.transaction.get(key);
    const stillOwned = left?.object.metadata.ownerReferences?.some((candidate) => candidate.uid === uid);
    if (stillOwned && reference.blockOwnerDeletion) blocking++;
  }
  if (blocking === 0) dropFinalizer(work, owner, FOREGROUND);
}

function remove(
  { state, transaction }: Work,
  record: StoredRecord,
  propagationPolicy: PropagationPolicy,
): void {
  const definition = state.registry.byStorageName(record.resource);
  if (!definition) return;
  const options = {
    dryRun: false,
    gracePeriodSeconds: undefined,
    propagationPolicy,
    orphanDependents: undefined,
    preconditions: {},
  };
  deleteObject({ state, transaction, definition, options }, record);
}

function putOwners({ transaction }: Work, record: StoredRecord, owners: readonly OwnerReference[]): void {
  const { ownerReferences: _before, ...rest } = record.object.metadata;
  const metadata = owners.length === 0 ? rest : { ...rest, ownerReferences: [...owners] };
  transaction.put(record, { ...record.object, metadata });
}

function dropFinalizer({ transaction }: Work, record: StoredRecord, finalizer: string): void {
  const current = transaction.get(record);
  if (!current) return;
  const { finalizers = [], ...rest } = current.object.metadata;
  const left = finalizers.filter((name) => name !== finalizer);
  const next = { ...current.object, metadata: left.length === 0 ? rest : { ...rest, finalizers: left } };
  if (isGone(next)) transaction.delete(current);
  else transaction.put(current, next);
}

function ownerKey(state: ServerState, owner: OwnerReference, namespace: string): StorageKey | undefined {
  const definition = definitionOf(state, owner);
  return definition && keyFor(definition, owner, namespace);
}

function definitionOf(
  { registry }: ServerState,
  { apiVersion, kind }: OwnerReference,
): ResourceDefinition | undefined {
  const { group, version } = parseApiVersion(apiVersion);
  const definition = registry.byKind(group, kind);
  return definition?.version === version ? definition : undefined;
}

/** An owner lives in its dependent's namespace or at cluster scope; what is at cluster scope cannot have a namespaced one. */
function keyFor(
  definition: ResourceDefinition,
  { name }: OwnerReference,
  namespace: string,
): StorageKey | undefined {
  if (definition.namespaced && namespace === '') return undefined;
  return { resource: storageName(definition), namespace: definition.namespaced ? namespace : '', name };
}

function keyText({ resource, namespace, name }: StorageKey): string {
  return JSON.stringify([resource, namespace, name]);
}

function parseKey(text: string): StorageKey {
  const [resource, namespace, name] = JSON.parse(text) as [string, string, string];
  return { resource, namespace, name };
}
