import fc from 'fast-check';
import type { Json } from '../conformance/api.ts';
import type { Kind } from './kinds.ts';
import { mapOf, some } from './values.ts';

/**
 * Values that break a rule are left to the conformance suite: of several that break rules at once the servers speak in
 * other orders.
 */
const spoiled = <T>(good: fc.Arbitrary<T>, _bad: unknown): fc.Arbitrary<T> => good;

const container = (name: string) =>
  some({
    image: spoiled(
      fc.constantFrom('example/a:1', 'example/b:latest', 'example/c'),
      fc.constantFrom('', ' x'),
    ),
    imagePullPolicy: spoiled(fc.constantFrom('Always', 'IfNotPresent'), fc.constant('Maybe')),
    env: fc.constantFrom<Json>(
      [{ name: 'A', value: '1' }],
      [{ name: 'A', value: '2' }, { name: 'B' }],
      [{ name: 'C', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
    ),
    ports: spoiled(
      fc.constantFrom<Json>(
        [{ containerPort: 80 }],
        [{ name: 'http', containerPort: 80 }],
        [{ containerPort: 53, protocol: 'UDP' }, { containerPort: 53 }],
      ),
      fc.constantFrom<Json>([{ containerPort: 0 }], [{ name: 'TOO_BAD', containerPort: 80 }]),
    ),
    resources: spoiled(
      fc.constantFrom<Json>(
        { requests: { cpu: '100m' } },
        { limits: { cpu: '1', memory: '1Gi' }, requests: { memory: '512Mi' } },
        { limits: { cpu: 0.5 } },
        {},
      ),
      fc.constantFrom<Json>(
        { requests: { cpu: '-1' } },
        { limits: { cpu: 'much' } },
        { requests: { cpu: '2' }, limits: { cpu: '1' } },
      ),
    ),
    command: fc.constantFrom<Json>(['sleep', '1'], []),
    readinessProbe: fc.constantFrom<Json>({ httpGet: { port: 80 } }),
  }).map(({ ports, ...rest }) => ({
    name,
    ...rest,
    ...(name === 'main' && ports !== undefined && { ports }),
  }));

const containers = fc
  .tuple(container('main'), fc.option(container('side'), { nil: undefined }))
  .map(([main, side]) => (side === undefined ? [main] : [main, side]));
const wholeContainers = containers.map((list) =>
  (list as Json[]).map((item) => ({ image: 'example/image:1', ...item })),
);
const podFields = {
  terminationGracePeriodSeconds: spoiled(fc.constantFrom(0, 5), fc.constant(-1)),
  nodeSelector: mapOf(['zone'], fc.constantFrom('a', 'b')),
  tolerations: spoiled(
    fc.constantFrom<Json>(
      [{ key: 'a', operator: 'Exists' }],
      [{ key: 'a', value: 'b', effect: 'NoSchedule' }],
    ),
    fc.constant([{ key: 'a', operator: 'Exists', value: 'x' }]),
  ),
  volumes: spoiled(
    fc.constantFrom<Json>([{ name: 'v', emptyDir: {} }]),
    fc.constantFrom<Json>([{ name: 'v' }, { name: 'v' }], [{ name: 'Not_OK', emptyDir: {} }]),
  ),
  serviceAccountName: fc.constant('robot'),
  restartPolicy: spoiled(fc.constant('Always'), fc.constant('Never')),
  hostNetwork: fc.constant(false),
};
const templateOf = (list: fc.Arbitrary<Json>) =>
  fc.tuple(list, some(podFields), fc.constant({ app: 'a' })).map(([some, fields, podLabels]) => ({
    metadata: { labels: podLabels },
    spec: { ...(fields as object), containers: some },
  }));
const template = templateOf(wholeContainers);
const selector = spoiled(
  fc.constant<Json>({ matchLabels: { app: 'a' } }),
  fc.constantFrom<Json>(
    {},
    { matchLabels: { app: 'b' } },
    { matchLabels: { app: 'not ok' } },
    { matchExpressions: [{ key: 'app', operator: 'In', values: ['a'] }] },
    { matchExpressions: [{ key: 'app', operator: 'In' }] },
    { matchExpressions: [{ key: 'app', operator: 'Near', values: ['a'] }] },
  ),
);
const replicas = spoiled(fc.constantFrom(0, 1, 3), fc.constantFrom<Json>(-1, 1.5, '3', null));
const workloadPatches = fc.constantFrom<Json>(
  { spec: { template: { spec: { containers: [{ name: 'side', $patch: 'delete' }] } } } },
  { spec: { template: { spec: { containers: [{ name: 'side', image: 'example/side:2' }] } } } },
  {
    spec: { template: { spec: { containers: [{ name: 'main', env: [{ name: 'A', $patch: 'delete' }] }] } } },
  },
  { spec: { template: { spec: { containers: [{ name: 'main', env: null, ports: null }] } } } },
  {
    spec: {
      template: {
        spec: {
          '$setElementOrder/containers': [{ name: 'side' }, { name: 'main' }],
          containers: [{ name: 'side', image: 'example/side:3' }],
        },
      },
    },
  },
  { spec: { template: { spec: { containers: [{ image: 'nameless' }] } } } },
  {
    spec: { template: { spec: { $retainKeys: ['containers'], containers: [{ name: 'main', image: 'x' }] } } },
  },
  { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
  { spec: { strategy: { type: 'Recreate' } } },
  { spec: { replicas: null } },
  { status: { replicas: 2 } },
  { status: { conditions: [{ type: 'Available', status: 'True' }] } },
);
const workloadPointers = [
  '/spec/replicas',
  '/spec/template/spec/containers/0/image',
  '/spec/template/spec/containers/-',
  '/status/replicas',
  '/spec/template/spec/containers/1',
];
const workloadValue = fc.constantFrom<Json>(2, 'example/image:2', { name: 'third', image: 'x' }, 'b');
const workloadValid = {
  spec: {
    selector: { matchLabels: { app: 'a' } },
    template: {
      metadata: { labels: { app: 'a' } },
      spec: { containers: [{ name: 'main', image: 'example/image:1' }] },
    },
  },
};

const deploymentFields = {
  replicas,
  minReadySeconds: spoiled(fc.constantFrom(0, 5), fc.constant(-1)),
  revisionHistoryLimit: fc.constantFrom(2, 0),
  paused: fc.boolean(),
  progressDeadlineSeconds: spoiled(fc.constantFrom(60, 600), fc.constant(0)),
  strategy: spoiled(
    fc.constantFrom<Json>(
      { type: 'Recreate' },
      { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } },
      { rollingUpdate: { maxUnavailable: '10%' } },
    ),
    fc.constantFrom<Json>(
      { type: 'Recreate', rollingUpdate: { maxSurge: 1 } },
      { type: 'Other' },
      { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } },
      { rollingUpdate: { maxSurge: 'some' } },
    ),
  ),
};
const deployment = workloadKind('Deployment', 'deployments', deploymentFields);

const daemonSetFields = {
  minReadySeconds: spoiled(fc.constantFrom(0, 5), fc.constant(-1)),
  updateStrategy: spoiled(
    fc.constantFrom<Json>({ type: 'OnDelete' }, { rollingUpdate: { maxUnavailable: 2 } }),
    fc.constantFrom<Json>({ type: 'Recreate' }, { rollingUpdate: { maxUnavailable: 0 } }),
  ),
};
const daemonSet = workloadKind('DaemonSet', 'daemonsets', daemonSetFields);

export const WORKLOAD_KINDS: readonly Kind[] = [deployment, daemonSet];

function workloadKind(kind: string, plural: string, fields: Parameters<typeof some>[0]): Kind {
  return {
    apiVersion: 'apps/v1',
    kind,
    plural,
    namespaced: true,
    status: true,
    whole: fc
      .tuple(selector, template, some(fields))
      .map(([chosen, pod, rest]) => ({ spec: { ...(rest as object), selector: chosen, template: pod } })),
    part: fc
      .tuple(some(fields), fc.option(templateOf(containers), { nil: undefined }))
      .map(([rest, pod]) => ({
        spec: { ...(rest as object), ...(pod !== undefined && { template: pod }) },
      })),
    patch: workloadPatches,
    pointers: workloadPointers,
    value: workloadValue,
    isChecked: true,
    valid: workloadValid,
  };
}
