import type { KubeObject } from '../model/kube-object.ts';
import { readPath } from '../model/read-path.ts';

type Getter = (object: KubeObject) => string;

/** Fields of built-in kinds that Kubernetes lets field selectors name, beside metadata.name and metadata.namespace. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Event: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'type',
  ],
  Namespace: ['status.phase'],
  Node: ['spec.unschedulable'],
  Pod: [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  ReplicaSet: ['status.replicas'],
  Secret: ['type'],
  Service: ['spec.clusterIP', 'spec.type'],
};

const FALSE_WHEN_ABSENT = new Set(['spec.unschedulable', 'spec.hostNetwork']);

export function selectableFieldsOf(kind: string): Readonly<Record<string, Getter>> {
  const fields = Object.hasOwn(FIELDS, kind) ? FIELDS[kind]! : [];
  const getters: Record<string, Getter> = Object.fromEntries(fields.map((field) => [field, getterOf(field)]));
  if (kind === 'Event') {
    getters['source'] = (event) =>
      text(readPath(event, ['source', 'component']) || event['reportingComponent']);
  }
  return getters;
}

/** Reads a dotted path of a custom resource's `selectableFields` (`.spec.color`). */
export function getterOf(field: string): Getter {
  const path = field.replace(/^\./, '').split('.');
  const absent = FALSE_WHEN_ABSENT.has(field) ? 'false' : '';
  return (object) => text(readPath(object, path)) || absent;
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}
