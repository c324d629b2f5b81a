import type { KubeObject } from '../model/kube-object.ts';
import { formatTime } from '../model/kube-object.ts';
import type { StorageKey } from '../storage/record.ts';
import type { Transaction } from '../storage/store.ts';
import { SYSTEM_PRIORITY_CLASSES } from '../schema/builtin/scheduling-v1/priority-class.ts';
import { BOOTSTRAP_RBAC } from '../auth/bootstrap-rbac.ts';

export const SYSTEM_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'] as const;

export interface BootstrapContext {
  readonly nowMs: number;
  readonly makeUid: () => string;
}

/**
 * Makes what every cluster has, where it is missing: the system namespaces, the system's priority classes, and the
 * default roles and bindings.
 */
export function bootstrap(transaction: Transaction, context: BootstrapContext): void {
  for (const name of SYSTEM_NAMESPACES) {
    putMissing(transaction, { resource: 'namespaces', namespace: '', name }, newNamespace(name), context);
  }
  for (const { name, value, description } of SYSTEM_PRIORITY_CLASSES) {
    const key = { resource: 'priorityclasses.scheduling.k8s.io', namespace: '', name };
    putMissing(transaction, key, newPriorityClass(name, value, description), context);
  }
  for (const object of BOOTSTRAP_RBAC) {
    const resource = `${object.kind.toLowerCase()}s.rbac.authorization.k8s.io`;
    const namespace = object.metadata.namespace ?? '';
    putMissing(transaction, { resource, namespace, name: object.metadata.name }, object, context);
  }
}

/** Puts an object unless there is one of its name. Says whether it did. */
export function putMissing(
  transaction: Transaction,
  key: StorageKey,
  object: KubeObject,
  { nowMs, makeUid }: BootstrapContext,
): boolean {
  if (transaction.get(key)) return false;
  const { name, namespace, ...rest } = object.metadata;
  const metadata = {
    name,
    ...(namespace !== undefined && { namespace }),
    uid: makeUid(),
    creationTimestamp: formatTime(nowMs),
    ...rest,
  };
  transaction.put(key, { ...object, metadata });
  return true;
}

function newPriorityClass(name: string, value: number, description: string): KubeObject {
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name, generation: 1 },
    value,
    description,
    preemptionPolicy: 'PreemptLowerPriority',
  };
}

function newNamespace(name: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  };
}
