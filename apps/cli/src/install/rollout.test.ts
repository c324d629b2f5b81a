import { expect, test } from 'vitest';
import { rolloutOf, type Workload } from './rollout.ts';

const DAEMON_SET = {
  kind: 'DaemonSet',
  metadata: { name: 'x', namespace: 'y', generation: 2 },
  spec: { updateStrategy: { type: 'RollingUpdate' } },
} satisfies Workload;
const READY = {
  observedGeneration: 2,
  desiredNumberScheduled: 3,
  updatedNumberScheduled: 3,
  numberAvailable: 3,
};
const DEPLOYMENT = { ...DAEMON_SET, kind: 'Deployment', spec: { replicas: 2 } } satisfies Workload;
const DEPLOYED = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };

test.each<[string, Workload, boolean, number]>([
  ['every pod is new and ready', { ...DAEMON_SET, status: READY }, true, 0],
  ['nothing is known yet', DAEMON_SET, false, 0],
  [
    'the status is of an earlier version',
    { ...DAEMON_SET, status: { ...READY, observedGeneration: 1 } },
    false,
    0,
  ],
  ['a pod is not ready', { ...DAEMON_SET, status: { ...READY, numberAvailable: 2 } }, false, 0],
  [
    'a pod is of an earlier version',
    { ...DAEMON_SET, status: { ...READY, updatedNumberScheduled: 2 } },
    false,
    0,
  ],
  [
    'pods of an earlier version wait to be deleted',
    {
      ...DAEMON_SET,
      spec: { updateStrategy: { type: 'OnDelete' } },
      status: { ...READY, updatedNumberScheduled: 1 },
    },
    true,
    2,
  ],
  ['a deployment is up', { ...DEPLOYMENT, status: DEPLOYED }, true, 0],
  ['a deployment still has an old pod', { ...DEPLOYMENT, status: { ...DEPLOYED, replicas: 3 } }, false, 0],
  ['a deployment lacks a new pod', { ...DEPLOYMENT, status: { ...DEPLOYED, updatedReplicas: 1 } }, false, 0],
])('%s', (_, workload, done, outdated) => {
  expect(rolloutOf(workload)).toMatchObject({ done, outdated });
});
