import { isJsonObject } from '../../json.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { completePodSpec } from '../core-v1/pod-defaults.ts';
import { podTemplateSpec } from '../core-v1/pod-spec.ts';
import { kindObject } from '../kind-object.ts';
import { conditionsOf } from '../meta-v1/condition.ts';
import { labelSelector } from '../meta-v1/label-selector.ts';
import { ageColumn, column, nameColumn, numberAt, valueAt } from '../printer-column.ts';
import { always, int32, int64, object } from '../shape.ts';
import { checkWorkload } from './check-workload.ts';
import { containersColumns } from './workload-columns.ts';

const spec = object(
  'What is wanted.',
  {
    replicas: int32('Number of pods.', { default: 1 }),
    minReadySeconds: int32('Seconds that a pod must be ready to count as available.'),
    selector: labelSelector,
    template: always(podTemplateSpec),
  },
  { required: ['selector'], component: 'io.k8s.api.apps.v1.ReplicaSetSpec' },
);

const status = object(
  'What there is.',
  {
    replicas: int32('Pods.', { default: 0 }),
    fullyLabeledReplicas: int32('Pods with all labels of the template.'),
    readyReplicas: int32('Pods that are ready.'),
    availableReplicas: int32('Pods that are available.'),
    observedGeneration: int64('Generation that the controller has seen.'),
    conditions: conditionsOf('io.k8s.api.apps.v1.ReplicaSetCondition', {}),
  },
  { component: 'io.k8s.api.apps.v1.ReplicaSetStatus' },
);

export const replicaSet: BuiltinKind = builtinKind({
  group: 'apps',
  version: 'v1',
  kind: 'ReplicaSet',
  plural: 'replicasets',
  shortNames: ['rs'],
  categories: ['all'],
  subresources: ['status', 'scale'],
  hasGeneration: true,
  schema: kindObject('io.k8s.api.apps.v1.ReplicaSet', 'Keeps a number of equal pods.', {
    spec: always(spec),
    status: always(status),
  }),
  columns: [
    nameColumn,
    column('Desired', (object) => numberAt(object, 'spec', 'replicas'), { type: 'integer' }),
    column('Current', (object) => numberAt(object, 'status', 'replicas'), { type: 'integer' }),
    column('Ready', (object) => numberAt(object, 'status', 'readyReplicas'), { type: 'integer' }),
    ageColumn,
    ...containersColumns,
  ],
  scale: {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.spec.selector',
  },
  complete: (object) => {
    const podSpec = valueAt(object, 'spec', 'template', 'spec');
    if (isJsonObject(podSpec)) completePodSpec(podSpec);
  },
  check: checkWorkload,
});
