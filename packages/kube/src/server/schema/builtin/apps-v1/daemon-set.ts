import { isJsonObject, type JsonObject } from '../../json.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { completePodSpec } from '../core-v1/pod-defaults.ts';
import { podTemplateSpec } from '../core-v1/pod-spec.ts';
import { kindObject } from '../kind-object.ts';
import { conditionsOf } from '../meta-v1/condition.ts';
import { labelSelector } from '../meta-v1/label-selector.ts';
import { ageColumn, column, nameColumn, numberAt, textAt, valueAt } from '../printer-column.ts';
import { always, int32, int64, intOrString, object, text } from '../shape.ts';
import { checkWorkload } from './check-workload.ts';
import { containersColumns } from './workload-columns.ts';

const spec = object(
  'What is wanted.',
  {
    selector: labelSelector,
    template: always(podTemplateSpec),
    updateStrategy: always(
      object(
        'How pods are replaced.',
        {
          type: text('RollingUpdate or OnDelete.', { default: 'RollingUpdate' }),
          rollingUpdate: object(
            'Pace of a rolling update.',
            {
              maxUnavailable: intOrString('Nodes that may be without a pod.'),
              maxSurge: intOrString('Nodes that may have two pods.'),
            },
            { component: 'io.k8s.api.apps.v1.RollingUpdateDaemonSet' },
          ),
        },
        { component: 'io.k8s.api.apps.v1.DaemonSetUpdateStrategy' },
      ),
    ),
    minReadySeconds: int32('Seconds that a pod must be ready to count as available.'),
    revisionHistoryLimit: int32('Old revisions that are kept.', { default: 10 }),
  },
  { required: ['template'], component: 'io.k8s.api.apps.v1.DaemonSetSpec' },
);

const status = object(
  'What there is.',
  {
    currentNumberScheduled: int32('Nodes that run it and should.', { default: 0 }),
    numberMisscheduled: int32('Nodes that run it and should not.', { default: 0 }),
    desiredNumberScheduled: int32('Nodes that should run it.', { default: 0 }),
    numberReady: int32('Nodes where it is ready.', { default: 0 }),
    observedGeneration: int64('Generation that the controller has seen.'),
    updatedNumberScheduled: int32('Nodes that run the current template.'),
    numberAvailable: int32('Nodes where it is available.'),
    numberUnavailable: int32('Nodes where it is missing.'),
    collisionCount: int32('Clashes of names of revisions.'),
    conditions: conditionsOf('io.k8s.api.apps.v1.DaemonSetCondition', {}),
  },
  { component: 'io.k8s.api.apps.v1.DaemonSetStatus' },
);

const count = (field: string) => (object: JsonObject) => numberAt(object, 'status', field);

export const daemonSet: BuiltinKind = builtinKind({
  group: 'apps',
  version: 'v1',
  kind: 'DaemonSet',
  plural: 'daemonsets',
  shortNames: ['ds'],
  categories: ['all'],
  subresources: ['status'],
  hasGeneration: true,
  schema: kindObject('io.k8s.api.apps.v1.DaemonSet', 'Keeps one pod on each node.', {
    spec: always(spec),
    status: always(status),
  }),
  columns: [
    nameColumn,
    column('Desired', count('desiredNumberScheduled'), { type: 'integer' }),
    column('Current', count('currentNumberScheduled'), { type: 'integer' }),
    column('Ready', count('numberReady'), { type: 'integer' }),
    column('Up-to-date', count('updatedNumberScheduled'), { type: 'integer' }),
    column('Available', count('numberAvailable'), { type: 'integer' }),
    column('Node Selector', nodeSelectorOf),
    ageColumn,
    ...containersColumns,
  ],
  complete,
  check: checkWorkload,
});

function complete(object: JsonObject): void {
  const strategy = valueAt(object, 'spec', 'updateStrategy');
  if (isJsonObject(strategy)) {
    const isRolling = strategy['type'] === 'RollingUpdate';
    if (isRolling) strategy['rollingUpdate'] ??= {};
    const pace = strategy['rollingUpdate'];
    if (isJsonObject(pace)) {
      // Only of a rolling update a pace is assumed; Go writes zero elsewhere.
      pace['maxUnavailable'] ??= isRolling ? 1 : 0;
      pace['maxSurge'] ??= 0;
    }
  }
  const podSpec = valueAt(object, 'spec', 'template', 'spec');
  if (isJsonObject(podSpec)) completePodSpec(podSpec);
}

function nodeSelectorOf(object: JsonObject): string {
  const selector = valueAt(object, 'spec', 'template', 'spec', 'nodeSelector');
  if (!isJsonObject(selector) || Object.keys(selector).length === 0) return '<none>';
  return Object.keys(selector)
    .toSorted()
    .map((key) => `${key}=${textAt(selector, key)}`)
    .join(',');
}
