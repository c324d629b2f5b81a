import type { StructuralSchema } from '../../structural-schema.ts';
import { kindObject } from '../kind-object.ts';
import { conditionsOf } from '../meta-v1/condition.ts';
import { labelSelector } from '../meta-v1/label-selector.ts';
import { podTemplateSpec } from '../core-v1/pod-spec.ts';
import { always, at, bool, int32, int64, intOrString, object, text, zeroTime } from '../shape.ts';

export const deployment: StructuralSchema = kindObject(
  'io.k8s.api.apps.v1.Deployment',
  'Keeps a number of equal pods, and replaces them little by little when their template changes.',
  {
    spec: always(
      object(
        'What is wanted.',
        {
          replicas: int32('Number of pods.', { default: 1 }),
          selector: at(
            labelSelector,
            'Which pods belong to it; must match the labels of the template, and cannot change.',
          ),
          template: always(podTemplateSpec),
          strategy: {
            ...always(
              object(
                'How pods are replaced.',
                {
                  type: text('Recreate or RollingUpdate.', { default: 'RollingUpdate' }),
                  rollingUpdate: object(
                    'Pace of a rolling update.',
                    {
                      maxUnavailable: intOrString('Pods that may be missing: a number or a percentage.', {
                        default: '25%',
                      }),
                      maxSurge: intOrString('Pods that may be too many: a number or a percentage.', {
                        default: '25%',
                      }),
                    },
                    { component: 'io.k8s.api.apps.v1.RollingUpdateDeployment' },
                  ),
                },
                { component: 'io.k8s.api.apps.v1.DeploymentStrategy' },
              ),
            ),
            patchStrategy: 'retainKeys',
          },
          minReadySeconds: int32('Seconds that a pod must be ready to count as available.'),
          revisionHistoryLimit: int32('Old ReplicaSets that are kept.', { default: 10 }),
          paused: bool('Whether changes wait.'),
          progressDeadlineSeconds: int32('Seconds after which a rollout has failed.', { default: 600 }),
        },
        { required: ['selector', 'template'], component: 'io.k8s.api.apps.v1.DeploymentSpec' },
      ),
    ),
    status: always(
      object(
        'What there is.',
        {
          observedGeneration: int64('Generation that the controller has seen.'),
          replicas: int32('Pods.'),
          updatedReplicas: int32('Pods of the current template.'),
          readyReplicas: int32('Pods that are ready.'),
          availableReplicas: int32('Pods that are available.'),
          unavailableReplicas: int32('Pods that are missing.'),
          collisionCount: int32('Clashes of names of ReplicaSets.'),
          conditions: conditionsOf('io.k8s.api.apps.v1.DeploymentCondition', {
            lastUpdateTime: zeroTime('When it was last looked at.'),
          }),
        },
        { component: 'io.k8s.api.apps.v1.DeploymentStatus' },
      ),
    ),
  },
);
