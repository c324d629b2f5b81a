import fc from 'fast-check';
import type { Json } from '../conformance/api.ts';
import type { Kind } from './kinds.ts';
import { containers, podFields, wholeContainers } from './pod-values.ts';
import { some, spoiled } from './values.ts';

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
    valid: workloadValid,
  };
}
