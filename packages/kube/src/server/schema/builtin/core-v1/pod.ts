import { isJsonObject, type JsonObject } from '../../json.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { kindObject } from '../kind-object.ts';
import { ageColumn, column, nameColumn, numberAt, objectsAt, textAt, valueAt } from '../printer-column.ts';
import { always } from '../shape.ts';
import { checkPod } from './check-pod.ts';
import { completePod, completePodSpec } from './pod-defaults.ts';
import { podSpec } from './pod-spec.ts';
import { podStatus } from './pod-status.ts';

export const pod: BuiltinKind = builtinKind({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  subresources: ['status', 'log', 'exec', 'eviction', 'binding', 'ephemeralcontainers'],
  statusResets: [['spec'], ['metadata', 'deletionTimestamp'], ['metadata', 'ownerReferences']],
  schema: kindObject('io.k8s.api.core.v1.Pod', 'Containers that run together on one node.', {
    spec: always(podSpec),
    status: always(podStatus),
  }),
  columns: [
    nameColumn,
    column('Ready', readyOf, { description: 'Containers that are ready.' }),
    column('Status', phaseOf, { description: 'What the pod is doing.' }),
    column('Restarts', (object) => String(restartsOf(object)), {
      description: 'How often containers were restarted.',
    }),
    ageColumn,
    column('IP', (object) => textAt(object, 'status', 'podIP') || '<none>', { wide: true }),
    column('Node', (object) => textAt(object, 'spec', 'nodeName') || '<none>', { wide: true }),
    column('Nominated Node', (object) => textAt(object, 'status', 'nominatedNodeName') || '<none>', {
      wide: true,
    }),
    column('Readiness Gates', readinessGatesOf, { wide: true }),
  ],
  complete: (object) => {
    const spec = valueAt(object, 'spec');
    if (!isJsonObject(spec)) return;
    completePodSpec(spec);
    completePod(spec);
  },
  check: checkPod,
});

function readyOf(object: JsonObject): string {
  const nReady = objectsAt(object, 'status', 'containerStatuses').filter(
    (status) => status['ready'] === true,
  ).length;
  return `${nReady}/${objectsAt(object, 'spec', 'containers').length}`;
}

function restartsOf(object: JsonObject): number {
  return objectsAt(object, 'status', 'containerStatuses').reduce(
    (sum, status) => sum + numberAt(status, 'restartCount'),
    0,
  );
}

/** What `kubectl get pods` shows as STATUS: the phase, or why a container does not run. */
function phaseOf(object: JsonObject): string {
  let phase = textAt(object, 'status', 'reason') || textAt(object, 'status', 'phase');
  for (const status of objectsAt(object, 'status', 'containerStatuses').toReversed()) {
    const waiting = textAt(status, 'state', 'waiting', 'reason');
    const terminated = textAt(status, 'state', 'terminated', 'reason');
    if (waiting !== '') phase = waiting;
    else if (terminated !== '') phase = terminated;
    else if (isJsonObject(valueAt(status, 'state', 'terminated'))) {
      phase = `ExitCode:${numberAt(status, 'state', 'terminated', 'exitCode')}`;
    }
  }
  return textAt(object, 'metadata', 'deletionTimestamp') === '' ? phase : 'Terminating';
}

function readinessGatesOf(object: JsonObject): string {
  const gates = objectsAt(object, 'spec', 'readinessGates');
  if (gates.length === 0) return '<none>';
  const conditions = objectsAt(object, 'status', 'conditions');
  const nTrue = gates.filter((gate) =>
    conditions.some(
      (condition) => condition['type'] === gate['conditionType'] && condition['status'] === 'True',
    ),
  ).length;
  return `${nTrue}/${gates.length}`;
}
