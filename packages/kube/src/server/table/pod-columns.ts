import type { KubeObject } from '../model/kube-object.ts';
import { readPath } from '../model/read-path.ts';
import { formatAge } from './age.ts';
import type { Cell, Column } from './column.ts';
import type { PodParts, PodState } from './pod-state.ts';
import { podState } from './pod-state.ts';

/** The columns of `kubectl get pods`. */
export const POD_COLUMNS: readonly Column[] = [
  column('Name', 0, (pod) => pod.metadata.name, 'Name must be unique within a namespace.', 'name'),
  column(
    'Ready',
    0,
    (pod, nowMs) => stateOf(pod, nowMs).ready,
    'The aggregate readiness state of this pod for accepting traffic.',
  ),
  column(
    'Status',
    0,
    (pod, nowMs) => stateOf(pod, nowMs).status,
    'The aggregate status of the containers in this pod.',
  ),
  column(
    'Restarts',
    0,
    (pod, nowMs) => stateOf(pod, nowMs).restarts,
    'The number of times the containers in this pod have been restarted and when the last container in this pod has restarted.',
  ),
  column(
    'Age',
    0,
    (pod, nowMs) => formatAge(pod.metadata.creationTimestamp, nowMs),
    'Time since the pod was created.',
  ),
  column(
    'IP',
    1,
    (pod) => textAt(pod, ['status', 'podIP']),
    'Address of the pod, routable within its cluster.',
  ),
  column('Node', 1, (pod) => textAt(pod, ['spec', 'nodeName']), 'The node on which this pod is scheduled.'),
  column(
    'Nominated Node',
    1,
    (pod) => textAt(pod, ['status', 'nominatedNodeName']),
    'The node that other pods are evicted from for this one.',
  ),
  column('Readiness Gates', 1, readinessGates, 'Conditions beside its containers that make the pod ready.'),
];

function column(
  name: string,
  priority: number,
  cell: Column['cell'],
  description: string,
  format = '',
): Column {
  return { name, type: 'string', format, description, priority, cell };
}

function stateOf(pod: KubeObject, nowMs: number): PodState {
  return podState(pod as unknown as PodParts, nowMs);
}

function textAt(pod: KubeObject, path: readonly string[]): string {
  const value = readPath(pod, path);
  return typeof value === 'string' && value !== '' ? value : '<none>';
}

function readinessGates(pod: KubeObject): Cell {
  const gates = (readPath(pod, ['spec', 'readinessGates']) as { conditionType: string }[] | undefined) ?? [];
  if (gates.length === 0) return '<none>';
  const conditions =
    (readPath(pod, ['status', 'conditions']) as { type: string; status: string }[] | undefined) ?? [];
  const met = gates.filter(
    ({ conditionType }) => conditions.find(({ type }) => type === conditionType)?.status === 'True',
  );
  return `${met.length}/${gates.length}`;
}
