import fc from 'fast-check';
import type { Json } from '../conformance/api.ts';
import type { Kind } from './kinds.ts';
import { containers, podFields, wholeContainers } from './pod-values.ts';
import { some } from './values.ts';

const { serviceAccountName: _robot, ...fields } = podFields;

/** A pod that is on a node has a grace period. */
const spec = some({
  ...fields,
  nodeName: fc.constantFrom('node-1', 'node-2'),
  activeDeadlineSeconds: fc.constantFrom(60, 30),
  priorityClassName: fc.constant('system-node-critical'),
  schedulerName: fc.constant('nobody'),
});

const ready = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-02T03:04:05Z' };
const status = fc.constantFrom<Json>(
  { phase: 'Running', podIP: '10.1.2.3', podIPs: [{ ip: '10.1.2.3' }], hostIP: '192.0.2.1' },
  { phase: 'Succeeded' },
  { phase: 'Pending', conditions: [ready] },
  { conditions: [ready, { type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] },
  {
    phase: 'Running',
    containerStatuses: [
      { name: 'main', image: 'x', imageID: '', ready: true, restartCount: 0, started: true, state: {} },
    ],
  },
);

/** Pods, of which little can be changed once they are made. */
export const POD: Kind = {
  apiVersion: 'v1',
  kind: 'Pod',
  plural: 'pods',
  namespaced: true,
  status: true,
  whole: fc
    .tuple(spec, wholeContainers, fc.option(status, { nil: undefined }))
    .map(([some, list, state]) => ({
      spec: { ...(some as object), containers: list },
      ...(state !== undefined && { status: state }),
    })),
  part: fc.oneof(
    status.map((state) => ({ status: state })),
    fc.constantFrom<Json>(
      { spec: { containers: [{ name: 'main', image: 'example/other:2' }] } },
      { spec: { activeDeadlineSeconds: 20 } },
      { spec: { tolerations: [{ key: 'more', operator: 'Exists' }] } },
      { spec: { nodeName: 'node-3' } },
    ),
    containers.map((list) => ({ spec: { containers: list } })),
  ),
  patch: fc.constantFrom<Json>(
    { spec: { containers: [{ name: 'side', $patch: 'delete' }] } },
    { spec: { tolerations: null } },
    { spec: { activeDeadlineSeconds: null } },
    { status: { conditions: [{ type: 'Ready', $patch: 'delete' }] } },
    { status: { conditions: [{ type: 'Ready', status: 'False' }] } },
    { status: { podIPs: [{ ip: '10.1.2.4' }], podIP: '10.1.2.4' } },
    { status: null },
  ),
  pointers: ['/spec/containers/0/image', '/spec/nodeName', '/status/phase', '/spec/tolerations/-'],
  value: fc.constantFrom<Json>('example/image:2', 'Running', { key: 'added', operator: 'Exists' }),
  valid: { spec: { containers: [{ name: 'main', image: 'example/image:1' }] } },
};
