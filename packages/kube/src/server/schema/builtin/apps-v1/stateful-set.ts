import { forbidden } from '../../field-error.ts';
import { equalJson, getOwn, isJsonObject, type JsonObject } from '../../json.ts';
import { builtinKind, type BuiltinKind } from '../builtin-kind.ts';
import { persistentVolumeClaim } from '../core-v1/persistent-volume-claim.ts';
import { completePodSpec } from '../core-v1/pod-defaults.ts';
import { podTemplateSpec } from '../core-v1/pod-spec.ts';
import { kindObject } from '../kind-object.ts';
import { conditionsOf } from '../meta-v1/condition.ts';
import { labelSelector } from '../meta-v1/label-selector.ts';
import { ageColumn, column, nameColumn, numberAt, valueAt } from '../printer-column.ts';
import { always, int32, int64, intOrString, list, object, text } from '../shape.ts';
import { checkWorkload } from './check-workload.ts';
import { containersColumns } from './workload-columns.ts';

const spec = object(
  'What is wanted.',
  {
    replicas: int32('Number of pods.', { default: 1 }),
    selector: labelSelector,
    template: always(podTemplateSpec),
    volumeClaimTemplates: list(persistentVolumeClaim, 'Claims that each pod gets.'),
    serviceName: text('Service that gives the pods their names.', { default: '' }),
    podManagementPolicy: text('OrderedReady or Parallel.', { default: 'OrderedReady' }),
    updateStrategy: always(
      object(
        'How pods are replaced.',
        {
          type: text('RollingUpdate or OnDelete.', { default: 'RollingUpdate' }),
          rollingUpdate: object(
            'Pace of a rolling update.',
            {
              partition: int32('Pods from this number on are replaced.', { default: 0 }),
              maxUnavailable: intOrString('Pods that may be missing.'),
            },
            { component: 'io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy' },
          ),
        },
        { component: 'io.k8s.api.apps.v1.StatefulSetUpdateStrategy' },
      ),
    ),
    revisionHistoryLimit: int32('Old revisions that are kept.', { default: 10 }),
    minReadySeconds: int32('Seconds that a pod must be ready to count as available.'),
    persistentVolumeClaimRetentionPolicy: object(
      'What becomes of the claims.',
      {
        whenDeleted: text('Retain or Delete.', { default: 'Retain' }),
        whenScaled: text('Retain or Delete.', { default: 'Retain' }),
      },
      { component: 'io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy' },
    ),
    ordinals: object(
      'How pods are numbered.',
      { start: int32('The first number.', { default: 0 }) },
      {
        component: 'io.k8s.api.apps.v1.StatefulSetOrdinals',
      },
    ),
  },
  { required: ['selector', 'template'], component: 'io.k8s.api.apps.v1.StatefulSetSpec' },
);

const status = object(
  'What there is.',
  {
    observedGeneration: int64('Generation that the controller has seen.'),
    replicas: int32('Pods.', { default: 0 }),
    readyReplicas: int32('Pods that are ready.'),
    currentReplicas: int32('Pods of the current revision.'),
    updatedReplicas: int32('Pods of the update revision.'),
    currentRevision: text('The current revision.'),
    updateRevision: text('The update revision.'),
    collisionCount: int32('Clashes of names of revisions.'),
    availableReplicas: int32('Pods that are available.', { default: 0 }),
    conditions: conditionsOf('io.k8s.api.apps.v1.StatefulSetCondition', {}),
  },
  { component: 'io.k8s.api.apps.v1.StatefulSetStatus' },
);

const mutable = new Set([
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]);

export const statefulSet: BuiltinKind = builtinKind({
  group: 'apps',
  version: 'v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  shortNames: ['sts'],
  categories: ['all'],
  subresources: ['status', 'scale'],
  hasGeneration: true,
  schema: kindObject(
    'io.k8s.api.apps.v1.StatefulSet',
    'Keeps a number of pods with names and claims of their own.',
    {
      spec: always(spec),
      status: always(status),
    },
  ),
  columns: [
    nameColumn,
    column(
      'Ready',
      (object) => `${numberAt(object, 'status', 'readyReplicas')}/${numberAt(object, 'spec', 'replicas')}`,
    ),
    ageColumn,
    ...containersColumns.slice(0, 2),
  ],
  scale: {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.spec.selector',
  },
  complete,
  check: (object, old) => [...checkWorkload(object, undefined), ...(old ? checkChange(object, old) : [])],
});

function complete(object: JsonObject): void {
  const strategy = valueAt(object, 'spec', 'updateStrategy');
  if (
    isJsonObject(strategy) &&
    strategy['type'] === 'RollingUpdate' &&
    !isJsonObject(strategy['rollingUpdate'])
  ) {
    strategy['rollingUpdate'] = { partition: 0 };
  }
  const spec = valueAt(object, 'spec');
  if (isJsonObject(spec))
    spec['persistentVolumeClaimRetentionPolicy'] ??= { whenDeleted: 'Retain', whenScaled: 'Retain' };
  const podSpec = valueAt(object, 'spec', 'template', 'spec');
  if (isJsonObject(podSpec)) completePodSpec(podSpec);
}

function checkChange(object: JsonObject, old: JsonObject) {
  const before = valueAt(old, 'spec');
  const after = valueAt(object, 'spec');
  if (!isJsonObject(before) || !isJsonObject(after)) return [];
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  const isSame = [...fields].every(
    (field) => mutable.has(field) || equalJson(getOwn(before, field), getOwn(after, field)),
  );
  const why =
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";
  return isSame ? [] : [forbidden('spec', why)];
}
