import type { KubeObject } from '../model/kube-object.ts';
import { storageName } from '../kinds/registry.ts';
import { deleteObject } from '../rest/delete-object.ts';
import type { ServerState } from '../rest/server-state.ts';
import { isGone } from '../rest/is-gone.ts';
import type { DeleteOptions } from '../rest/write-options.ts';
import type { Transaction } from '../storage/store.ts';
import { putMissing } from './bootstrap.ts';
import type { Controller } from './controller.ts';
import { WorkQueue } from './work-queue.ts';

const NAMESPACES = 'namespaces';
const BACKGROUND: DeleteOptions = {
  dryRun: false,
  gracePeriodSeconds: undefined,
  propagationPolicy: 'Background',
  orphanDependents: undefined,
  preconditions: {},
};

/**
 * Gives every live namespace its default ServiceAccount and the cluster's CA, and empties a namespace that is
 * being deleted before it lets it go.
 */
export function namespaceController(state: ServerState): Controller {
  const queue = new WorkQueue(
    (name) => state.store.write((transaction) => reconcile(transaction, state, name)),
    state.onError,
  );
  return {
    start: () => {
      for (const { name } of state.store.list(NAMESPACES)) queue.add(name);
    },
    notice: (events) => {
      for (const { record, type } of events) {
        if (record.resource === NAMESPACES) queue.add(record.name);
        else if (type === 'DELETED' && record.namespace !== '') queue.add(record.namespace);
      }
    },
    close: () => queue.close(),
  };
}

function reconcile(transaction: Transaction, state: ServerState, name: string): void {
  const record = transaction.get({ resource: NAMESPACES, namespace: '', name });
  if (!record) return;
  if (record.object.metadata.deletionTimestamp === undefined) {
    putMissing(
      transaction,
      { resource: 'serviceaccounts', namespace: name, name: 'default' },
      defaultAccount(name),
      contextOf(state),
    );
    putMissing(
      transaction,
      { resource: 'configmaps', namespace: name, name: 'kube-root-ca.crt' },
      rootCa(name, state),
      contextOf(state),
    );
    return;
  }
  if (!empty(transaction, state, name)) return;
  const finalizers = (record.object['spec'] as { finalizers?: string[] }).finalizers ?? [];
  const next: KubeObject = {
    ...record.object,
    spec: {
      ...(record.object['spec'] as object),
      finalizers: finalizers.filter((finalizer) => finalizer !== 'kubernetes'),
    },
  };
  if (isGone(next)) transaction.delete(record);
  else if (finalizers.includes('kubernetes')) transaction.put(record, next);
}

/** Deletes what is in a namespace; says whether nothing is left. */
function empty(transaction: Transaction, state: ServerState, namespace: string): boolean {
  let left = 0;
  for (const definition of state.registry.all()) {
    if (!definition.namespaced) continue;
    for (const record of transaction.list(storageName(definition), namespace)) {
      const { gone } = deleteObject({ state, transaction, definition, options: BACKGROUND }, record);
      if (!gone) left++;
    }
  }
  return left === 0;
}

function contextOf({ nowMs, makeUid }: ServerState) {
  return { nowMs: nowMs(), makeUid };
}

function defaultAccount(namespace: string): KubeObject {
  return { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } };
}

function rootCa(namespace: string, { caCertPem }: ServerState): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'kube-root-ca.crt',
      namespace,
      annotations: {
        'kubernetes.io/description':
          'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
      },
    },
    data: { 'ca.crt': caCertPem },
  };
}
