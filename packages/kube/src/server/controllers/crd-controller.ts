import { definitionOf } from '../crd/crd-definition.ts';
import { CLEANUP_FINALIZER } from '../crd/crd-strategy.ts';
import { crdSpec, isEstablished } from '../crd/crd-object.ts';
import { storageNameOf } from '../kinds/registry.ts';
import type { ResourceDefinition } from '../kinds/resource-definition.ts';
import type { KubeObject } from '../model/kube-object.ts';
import { deleteObject } from '../rest/delete-object.ts';
import type { ServerState } from '../rest/server-state.ts';
import { isGone } from '../rest/is-gone.ts';
import type { Transaction } from '../storage/store.ts';
import type { Controller } from './controller.ts';
import { WorkQueue } from './work-queue.ts';

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';

/** Serves custom resources as soon as their definition is committed, and empties them when it is deleted. */
export function crdController(state: ServerState): Controller {
  const queue = new WorkQueue(
    (name) => state.store.write((transaction) => finalize(transaction, state, name)),
    state.onError,
  );
  const refresh = () => {
    const before = new Map(
      customOf(state).map((definition) => [
        storageNameOf({ group: definition.group, name: definition.plural }),
        definition,
      ]),
    );
    const established = state.store.list(CRDS).filter(({ object }) => isEstablished(object));
    state.registry.setCustom(established.map(({ object }) => cachedDefinition(object)));
    for (const [resource, definition] of before) {
      if (state.registry.byStorageName(resource) !== definition) state.watches.end(resource);
    }
  };
  return {
    start: () => {
      refresh();
      for (const { name } of state.store.list(CRDS)) queue.add(name);
    },
    notice: (events) => {
      if (events.some(({ record }) => record.resource === CRDS)) refresh();
      for (const { record, type } of events) {
        if (record.resource === CRDS) queue.add(record.name);
        else if (type === 'DELETED') queue.add(record.resource);
      }
    },
    close: () => queue.close(),
  };
}

const definitions = new WeakMap<object, ResourceDefinition>();

/** A definition's resource is made anew only when its spec changed, so that what is cached by its schema stays. */
function cachedDefinition(crd: KubeObject): ResourceDefinition {
  const spec = crd['spec'] as object;
  let definition = definitions.get(spec);
  if (!definition) definitions.set(spec, (definition = definitionOf(crd)));
  return definition;
}

function customOf({ registry }: ServerState): ResourceDefinition[] {
  return registry.all().filter(({ builtin }) => !builtin);
}

/** Deletes the custom resources of a definition that is being deleted, then lets it go. */
function finalize(transaction: Transaction, state: ServerState, name: string): void {
  const record = transaction.get({ resource: CRDS, namespace: '', name });
  if (!record || record.object.metadata.deletionTimestamp === undefined) return;
  const { group, names } = crdSpec(record.object);
  const resource = storageNameOf({ group, name: names.plural });
  const definition = state.registry.byStorageName(resource);
  let left = 0;
  if (definition && !definition.builtin) {
    for (const custom of transaction.list(resource)) {
      const { gone } = deleteObject({ state, transaction, definition, options: NOW }, custom);
      if (!gone) left++;
    }
  }
  if (left > 0) return;
  const { metadata } = record.object;
  const finalizers = (metadata.finalizers ?? []).filter((finalizer) => finalizer !== CLEANUP_FINALIZER);
  if (finalizers.length === (metadata.finalizers ?? []).length) return;
  const next = { ...record.object, metadata: { ...metadata, finalizers } };
  if (isGone(next)) transaction.delete(record);
  else transaction.put(record, next);
}

const NOW = {
  dryRun: false,
  gracePeriodSeconds: 0,
  propagationPolicy: undefined,
  orphanDependents: undefined,
  preconditions: {},
} as const;
