import fc from 'fast-check';
import type { Json } from '../conformance/api.ts';
import { mapOf, some, spoiled } from './values.ts';

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

export const containers = fc
  .tuple(container('main'), fc.option(container('side'), { nil: undefined }))
  .map(([main, side]) => (side === undefined ? [main] : [main, side]));
export const wholeContainers = containers.map((list) =>
  (list as Json[]).map((item) => ({ image: 'example/image:1', ...item })),
);
export const podFields = {
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
