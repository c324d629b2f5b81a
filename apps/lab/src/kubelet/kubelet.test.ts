import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openStream } from '@flatland/kube/client/request';
import { expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { TestCluster } from '../testing/test-cluster.ts';
import type { KubeObject } from '../workloads/kinds/meta.ts';
import { isReady } from '../workloads/kinds/pod.ts';
import type { PodSpec } from '../workloads/kinds/pod.ts';

test('a container that ends is started again at once, then after a back-off', async () => {
  await using world = await TestCluster.start();
  await world.create(podOf({}));
  const [pod] = await world.untilPods((all) => expect(all.filter(isReady)).toHaveLength(1));
  const runtime = world.runtimeOf(pod!);
  runtime.running('web')!.end({ exitCode: 3 });
  await world.untilPods((all) => {
    expect(all[0]?.status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      ready: true,
      lastState: { terminated: { exitCode: 3, reason: 'Error' } },
    });
  });
  runtime.running('web')!.end({ exitCode: 4 });
  await world.untilPods((all) => {
    expect(all[0]?.status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 1,
      ready: false,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 4 } },
    });
  });
  expect(runtime.containers).toHaveLength(2);
});

test('without restarts a pod succeeds or fails with its containers', async () => {
  await using world = await TestCluster.start();
  await world.create(podOf({ restartPolicy: 'Never' }, 'good'));
  await world.create(podOf({ restartPolicy: 'OnFailure' }, 'retried'));
  await world.create(podOf({ restartPolicy: 'Never' }, 'bad'));
  const pods = await world.untilPods((all) => expect(all.filter(isReady)).toHaveLength(3));
  for (const pod of pods) {
    world
      .runtimeOf(pod)
      .running(pod.metadata.name)!
      .end({ exitCode: pod.metadata.name === 'good' ? 0 : 1 });
  }
  await world.untilPods((all) => {
    expect(all.map(({ metadata, status }) => [metadata.name, status?.phase])).toEqual([
      ['bad', 'Failed'],
      ['good', 'Succeeded'],
      ['retried', 'Running'],
    ]);
    expect(all[2]?.status?.containerStatuses?.[0]?.restartCount).toBe(1);
  });
});

test('a pod is ready when its readiness probe passes, and unready when it ceases to', async () => {
  await using world = await TestCluster.start();
  for (const runtime of world.runtimes.values()) runtime.answersProbes = false;
  const readinessProbe = { httpGet: { port: 8080 }, periodSeconds: 1, failureThreshold: 1 };
  await world.create(podOf({ containers: [{ name: 'web', image: 'test/web', readinessProbe }] }));
  await world.untilPods((all) => {
    expect(all[0]?.status?.phase).toBe('Running');
    expect(isReady(all[0]!)).toBe(false);
  });
  for (const runtime of world.runtimes.values()) runtime.answersProbes = true;
  await world.untilPods((all) => expect(isReady(all[0]!)).toBe(true));
  for (const runtime of world.runtimes.values()) runtime.answersProbes = false;
  await world.untilPods((all) => expect(isReady(all[0]!)).toBe(false));
});

test('a deleted pod gets its grace period, and then leaves nothing', async () => {
  await using world = await TestCluster.start();
  const object = await world.create(podOf({ terminationGracePeriodSeconds: 7 }));
  const [pod] = await world.untilPods((all) => expect(all.filter(isReady)).toHaveLength(1));
  const runtime = world.runtimeOf(pod!);
  const container = runtime.running('web')!;
  await world.delete(object);
  await world.untilPods((all) => expect(all).toEqual([]));
  expect(container.stops).toEqual([7000]);
  expect(runtime.sandboxes.size).toBe(0);
  await expect(readFile(join(container.config.directory, 'resolv.conf'))).rejects.toThrow('ENOENT');
});

test('after the node was away its pods run again, with the same uid and address', async () => {
  await using world = await TestCluster.start();
  await world.create(podOf({ nodeName: 'n1' }));
  await world.create(podOf({ nodeName: 'n1' }, 'gone-meanwhile'));
  const [before] = await world
    .untilPods((all) => expect(all.filter(isReady)).toHaveLength(2))
    .then((all) => all.filter(({ metadata }) => metadata.name === 'web'));
  await world.stopNode('n1');
  const runtime = world.runtimes.get('n1')!;
  runtime.sandboxes.set('11111111-1111-4111-8111-111111111111', '10.244.1.99');
  await world.startNode('n1');
  const after = await world.untilPods((all) => {
    expect(all.filter(isReady)).toHaveLength(2);
    expect(all.map(({ status }) => status?.containerStatuses?.[0]?.restartCount)).toEqual([1, 1]);
  });
  const web = after.find(({ metadata }) => metadata.name === 'web');
  expect(web?.metadata.uid).toBe(before?.metadata.uid);
  expect(web?.status?.podIP).toBe(before?.status?.podIP);
  expect(runtime.sandboxes.has('11111111-1111-4111-8111-111111111111')).toBe(false);
});

test('an image that the lab does not have is said, and disturbs no other pod', async () => {
  await using world = await TestCluster.start();
  await world.create(podOf({ containers: [{ name: 'web', image: 'nginx:1' }] }, 'foreign'));
  await world.create(podOf({}));
  await world.untilPods((all) => {
    expect(all[0]?.status).toMatchObject({
      phase: 'Pending',
      containerStatuses: [{ state: { waiting: { reason: 'ErrImagePull', message: 'no image nginx:1' } } }],
    });
    expect(isReady(all[1]!)).toBe(true);
  });
});

test('a pod of the node’s network has the node’s address and no sandbox', async () => {
  await using world = await TestCluster.start();
  await world.create(podOf({ hostNetwork: true, nodeName: 'n2' }));
  const [pod] = await world.untilPods((all) => expect(all.filter(isReady)).toHaveLength(1));
  expect(pod?.status?.podIP).toBe('192.0.2.2');
  expect(world.runtimes.get('n2')!.sandboxes.size).toBe(0);
  expect(world.runtimes.get('n2')!.running('n2')?.config.hostNetwork).toBe(true);
});

test('a container has its environment, its token, and a disk of the node’s own', async () => {
  await using world = await TestCluster.start();
  await world.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace: 'shop' },
    data: { color: 'red' },
  });
  const env = [
    { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
    { name: 'ADDRESS', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'color' } } },
    { name: 'BOTH', value: '$(NODE) $(COLOR) $$(COLOR) $(NONE)' },
    { name: 'STATE', value: '/var/lib/web/state' },
  ];
  const volumeMounts = [{ name: 'state', mountPath: '/var/lib/web' }];
  await world.create(
    podOf({
      nodeName: 'n1',
      containers: [{ name: 'web', image: 'test/web', env, volumeMounts }],
      volumes: [{ name: 'state', hostPath: { path: '/var/lib/web' } }],
    }),
  );
  await world.untilPods((all) => expect(all.filter(isReady)).toHaveLength(1));
  const { config } = world.runtimes.get('n1')!.running('web')!;
  expect(config.environment).toMatchObject({
    NODE: 'n1',
    ADDRESS: config.address,
    COLOR: 'red',
    BOTH: 'n1 red $(COLOR) $(NONE)',
  });
  expect(config.environment['STATE']).toMatch(/\/nodes\/n1\/disk\/var\/lib\/web\/state$/);
  const token = await readFile(join(config.directory, 'serviceaccount', 'token'), 'utf8');
  const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<
    string,
    unknown
  >;
  expect(claims['sub']).toBe('system:serviceaccount:shop:default');
  expect(claims['kubernetes.io']).toMatchObject({ pod: { name: 'web' }, node: { name: 'n1' } });
});

test('a missing ConfigMap is named, and the container starts once it is there', async () => {
  await using world = await TestCluster.start();
  const env = [{ name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'late', key: 'color' } } }];
  await world.create(podOf({ containers: [{ name: 'web', image: 'test/web', env }] }));
  await world.untilPods((all) => {
    expect(all[0]?.status?.containerStatuses?.[0]?.state.waiting).toEqual({
      reason: 'CreateContainerConfigError',
      message: 'configMap "late" not found',
    });
  });
  await world.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'late', namespace: 'shop' },
    data: { color: 'blue' },
  });
  await world.untilPods((all) => expect(isReady(all[0]!)).toBe(true));
});

test('logs come through the API server: whole, by their tail, and of the run before', async () => {
  await using world = await TestCluster.start();
  await world.create(podOf({}));
  const [pod] = await world.untilPods((all) => expect(all.filter(isReady)).toHaveLength(1));
  const container = world.runtimeOf(pod!).running('web')!;
  container.config.onOutput('stdout', Buffer.from('second\nthi'));
  container.config.onOutput('stderr', Buffer.from('aside\n'));
  container.config.onOutput('stdout', Buffer.from('rd\n'));
  await eventually(async () => {
    expect(await logs(world, '')).toBe('started web\nsecond\naside\nthird\n');
  });
  expect(await logs(world, '?tailLines=1')).toBe('third\n');
  expect(await logs(world, '?timestamps=true&tailLines=1')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z third\n$/);
  container.end({ exitCode: 1 });
  await world.untilPods((all) => expect(all[0]?.status?.containerStatuses?.[0]?.restartCount).toBe(1));
  expect(await logs(world, '?previous=true')).toBe('started web\nsecond\naside\nthird\n');
  expect(await logs(world, '')).toBe('started web\n');
});

async function logs(world: TestCluster, query: string): Promise<string> {
  const stream = await openStream(world.cluster.client, {
    method: 'GET',
    path: `/api/v1/namespaces/shop/pods/web/log${query}`,
    idempotency: 'idempotent',
    accept: '*/*',
  });
  if (!stream.ok) throw new Error(stream.error.message);
  let text = '';
  for await (const chunk of stream.value.body) text += Buffer.from(chunk).toString();
  return text;
}

function podOf(spec: Partial<PodSpec>, name = 'web'): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop' },
    spec: { containers: [{ name: 'web', image: 'test/web' }], terminationGracePeriodSeconds: 1, ...spec },
  };
}
