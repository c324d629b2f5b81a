import { listObjects } from '@flatland/kube/client/objects';
import { EndpointSlice } from '@flatland/kube/client/resources';
import { expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { TestCluster } from '../testing/test-cluster.ts';
import type { KubeObject } from './kinds/meta.ts';
import { isReady } from './kinds/pod.ts';
import type { Pod } from './kinds/pod.ts';
import type * as kinds from './kinds/service.ts';
import type { DaemonSet, Deployment, StatefulSet } from './kinds/workload.ts';

const readyNames = (pods: readonly Pod[]) => pods.filter(isReady).map(({ metadata }) => metadata.name);

test('a Deployment becomes pods, spread over the nodes and named as Kubernetes names them', async () => {
  await using world = await TestCluster.start();
  const deployment = await world.create(deploymentOf({ replicas: 2 }));
  const pods = await world.untilPods((all) => expect(readyNames(all)).toHaveLength(2));
  for (const { metadata } of pods) expect(metadata.name).toMatch(/^web-[bcdf-z0-9]{7,10}-[bcdf-z0-9]{5}$/);
  expect(new Set(pods.map(({ spec }) => spec.nodeName))).toEqual(new Set(['n1', 'n2']));
  await eventually(async () => {
    expect((await world.get<Deployment>(deployment))?.status).toMatchObject({
      observedGeneration: 1,
      replicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      updatedReplicas: 2,
    });
  });
});

test('a new template replaces every pod, and scaling follows', async () => {
  await using world = await TestCluster.start();
  const deployment = await world.create(deploymentOf({ replicas: 2 }));
  const before = await world.untilPods((all) => expect(readyNames(all)).toHaveLength(2));
  await world.patch(deployment, { spec: { template: { metadata: { labels: { version: '2' } } } } });
  const after = await world.untilPods((all) => {
    expect(all.map(({ metadata }) => metadata.labels?.['version'])).toEqual(['2', '2']);
    expect(readyNames(all)).toHaveLength(2);
  });
  const uids = new Set(before.map(({ metadata }) => metadata.uid));
  expect(after.some(({ metadata }) => uids.has(metadata.uid))).toBe(false);
  await world.patch(deployment, { spec: { replicas: 5 } });
  await world.untilPods((all) => expect(readyNames(all)).toHaveLength(5));
  await world.patch(deployment, { spec: { replicas: 1 } });
  await world.untilPods((all) => expect(all).toHaveLength(1));
});

test('a deleted pod is made anew, and a deleted Deployment takes its pods along', async () => {
  await using world = await TestCluster.start();
  const deployment = await world.create(deploymentOf({ replicas: 1 }));
  const [first] = await world.untilPods((all) => expect(readyNames(all)).toHaveLength(1));
  await world.delete({ ...first!, kind: 'Pod' });
  await world.untilPods((all) => {
    expect(readyNames(all)).toHaveLength(1);
    expect(all[0]?.metadata.uid).not.toBe(first?.metadata.uid);
  });
  await world.delete(deployment);
  await world.untilPods((all) => expect(all).toEqual([]));
});

test('a StatefulSet’s pods are numbered, come in order, and keep their names', async () => {
  await using world = await TestCluster.start();
  const set = await world.create(workloadOf('StatefulSet', { replicas: 2, serviceName: 'web' }));
  const pods = await world.untilPods((all) => expect(readyNames(all)).toEqual(['web-0', 'web-1']));
  expect(pods[0]?.spec).toMatchObject({ hostname: 'web-0', subdomain: 'web' });
  await world.delete({ ...pods[0]!, kind: 'Pod' });
  await world.untilPods((all) => {
    expect(readyNames(all)).toEqual(['web-0', 'web-1']);
    expect(all[0]?.metadata.uid).not.toBe(pods[0]?.metadata.uid);
  });
  await eventually(async () => {
    expect((await world.get<StatefulSet>(set))?.status).toMatchObject({
      readyReplicas: 2,
      updatedReplicas: 2,
    });
  });
});

test('a DaemonSet has one pod on each node, cordoned ones too', async () => {
  await using world = await TestCluster.start();
  const node: KubeObject = { kind: 'Node', metadata: { name: 'n1' } };
  await world.patch(node, { spec: { unschedulable: true } });
  const set = await world.create(workloadOf('DaemonSet', {}));
  const pods = await world.untilPods((all) => expect(readyNames(all)).toHaveLength(2));
  expect(new Set(pods.map(({ spec }) => spec.nodeName))).toEqual(new Set(['n1', 'n2']));
  await eventually(async () => {
    expect((await world.get<DaemonSet>(set))?.status).toMatchObject({
      desiredNumberScheduled: 2,
      numberReady: 2,
    });
  });
});

test('a pod that fits no node waits with the reason, and is bound when one fits', async () => {
  await using world = await TestCluster.start();
  const nodes = ['n1', 'n2'].map((name): KubeObject => ({ kind: 'Node', metadata: { name } }));
  for (const node of nodes) await world.patch(node, { spec: { unschedulable: true } });
  await world.create(deploymentOf({ replicas: 1 }));
  await world.untilPods((all) => {
    expect(all[0]?.status?.conditions?.find(({ type }) => type === 'PodScheduled')).toMatchObject({
      status: 'False',
      reason: 'Unschedulable',
      message: '0/2 nodes are available: 2 node(s) were unschedulable.',
    });
  });
  await world.patch(nodes[1]!, { spec: { unschedulable: null } });
  const [pod] = await world.untilPods((all) => expect(readyNames(all)).toHaveLength(1));
  expect(pod?.spec.nodeName).toBe('n2');
});

test('an EndpointSlice follows the pods of a Service', async () => {
  await using world = await TestCluster.start();
  await world.create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
  });
  await world.create(deploymentOf({ replicas: 2 }));
  const pods = await world.untilPods((all) => expect(readyNames(all)).toHaveLength(2));
  await eventually(async () => {
    const list = await listObjects<kinds.EndpointSlice>(world.cluster.client, EndpointSlice, {
      namespace: 'shop',
    });
    const ready = (list.ok ? list.value.items : [])
      .flatMap(({ endpoints }) => endpoints ?? [])
      .filter(({ conditions }) => conditions?.ready)
      .flatMap(({ addresses }) => addresses);
    expect(new Set(ready)).toEqual(new Set(pods.map(({ status }) => status!.podIP)));
  });
});

test('while the API server is away pods run on, and afterwards everything goes on', async () => {
  await using world = await TestCluster.start();
  const deployment = await world.create(deploymentOf({ replicas: 1 }));
  const [pod] = await world.untilPods((all) => expect(readyNames(all)).toHaveLength(1));
  const { port } = world.cluster;
  await world.cluster.stop();
  expect(world.runtimeOf(pod!).running(pod!.metadata.name)?.stops).toEqual([]);
  await world.cluster.startServer();
  await world.cluster.startControllers();
  expect(world.cluster.port).toBe(port);
  await world.patch(deployment, { spec: { replicas: 2 } });
  const after = await world.untilPods((all) => expect(readyNames(all)).toHaveLength(2));
  expect(after.map(({ metadata }) => metadata.uid)).toContain(pod!.metadata.uid);
});

function deploymentOf(spec: { replicas: number }): KubeObject {
  return workloadOf('Deployment', spec);
}

function workloadOf(kind: 'DaemonSet' | 'Deployment' | 'StatefulSet', spec: object): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web', namespace: 'shop' },
    spec: {
      ...spec,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          terminationGracePeriodSeconds: 1,
          containers: [{ name: 'web', image: 'test/web', readinessProbe: { httpGet: { port: 8080 } } }],
        },
      },
    },
  };
}
