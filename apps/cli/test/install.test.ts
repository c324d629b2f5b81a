import { orThrow } from '@flatland/kube/client/error';
import { applyObject, createObject, getObject, listObjects } from '@flatland/kube/client/objects';
import {
  CustomResourceDefinition,
  DaemonSet,
  Event,
  Namespace,
  ServiceAccount,
} from '@flatland/kube/client/resources';
import { createToken } from '@flatland/kube/client/service-account-token';
import { installManifests } from '@flatland/shared/manifest/install/install-manifests';
import { SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import { expect, test, vi } from 'vitest';
import { InstallCluster } from './install-cluster.ts';

vi.setConfig({ testTimeout: 120_000 });

const namespace = SYSTEM_NAMESPACE;
const IMAGES = { agent: 'x', forwarder: 'x', controller: 'x' };
const COUNT = installManifests({ cluster: 'east', images: IMAGES }).length;

test('installs every object, waits for agents, forwarders and controllers, and finds nothing to do the second time', async () => {
  await using cluster = await InstallCluster.start();
  await cluster.withController(() => cluster.install());
  expect(cluster.lines.filter((line) => line.includes(': created: '))).toHaveLength(COUNT);
  expect(cluster.lines).toContain('east: DaemonSet flatland-system/flatland-forwarder: 1 of 1 ready');
  expect(cluster.lines.at(-1)).toBe('east: Flatland is installed');
  cluster.lines.length = 0;
  await cluster.withController(() => cluster.install());
  expect(cluster.lines.filter((line) => line.includes(': unchanged: '))).toHaveLength(COUNT);
});

test('rolls agents and controllers to another image', async () => {
  await using cluster = await InstallCluster.start();
  await cluster.withController(() => cluster.install());
  cluster.lines.length = 0;
  await cluster.withController(() => cluster.install({ image: 'registry.example/flatland:9' }));
  expect(cluster.lines.filter((line) => line.includes(': configured: '))).toEqual([
    'east: configured: DaemonSet flatland-system/flatland-forwarder',
    'east: configured: DaemonSet flatland-system/flatland-agent',
    'east: configured: Deployment flatland-system/flatland-controller',
  ]);
});

test('writes nothing in a dry run', async () => {
  await using cluster = await InstallCluster.start();
  await cluster.install({ dryRun: true });
  expect(cluster.lines).toHaveLength(COUNT);
  expect(cluster.lines).toContain('east: would be created: Namespace flatland-system');
  expect(await getObject(cluster.client, Namespace, { name: namespace })).toMatchObject({
    error: { kind: 'notFound' },
  });
  expect(orThrow(await listObjects(cluster.client, CustomResourceDefinition)).items).toEqual([]);
});

test('refuses, before it writes anything, a field that another manager has, and takes it over when it is told to', async () => {
  await using cluster = await InstallCluster.start();
  const theirs = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  orThrow(
    await applyObject(cluster.client, Namespace, {
      object: { metadata: { name: namespace, labels: theirs } },
      fieldManager: 'policy-team',
    }),
  );
  await expect(cluster.install()).rejects.toMatchObject({
    message: expect.stringMatching(
      /^east: Namespace flatland-system: Field owned by another: .*enforce is policy-team’s$/,
    ),
    next: expect.stringContaining('--force-conflicts'),
  });
  expect(orThrow(await listObjects(cluster.client, CustomResourceDefinition)).items).toEqual([]);
  await cluster.withController(() => cluster.install({ forceConflicts: true }));
  const live = orThrow(await getObject(cluster.client, Namespace, { name: namespace }));
  expect(live.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'privileged' });
});

test('refuses credentials that may not install, and writes nothing', async () => {
  await using cluster = await InstallCluster.start();
  const account = { name: 'nobody', namespace: 'default' };
  orThrow(await createObject(cluster.client, ServiceAccount, { object: { metadata: account } }));
  const { token } = orThrow(await createToken(cluster.client, account, { expirationSeconds: 600 }));
  const kubeconfig = await cluster.kubeconfigWith(token.reveal());
  await expect(cluster.install({ kubeconfig })).rejects.toMatchObject({
    message: expect.stringContaining('Namespace flatland-system: Forbidden: '),
    next: expect.stringContaining('Use credentials that may write'),
  });
  expect(orThrow(await listObjects(cluster.client, CustomResourceDefinition)).items).toEqual([]);
});

test('says why pods are not made, and what to do about it, when the time is over', async () => {
  await using cluster = await InstallCluster.start();
  const failing = cluster.install({ timeout: '4' });
  await Promise.all([
    expect(failing).rejects.toMatchObject({
      message: expect.stringMatching(
        /east: Flatland is not ready after 4 s: DaemonSet flatland-agent makes no pods: .*violates PodSecurity/,
      ),
      next: expect.stringContaining('pod-security.kubernetes.io/enforce=privileged'),
    }),
    vi.waitFor(
      async () =>
        orThrow(
          await createObject(cluster.client, Event, {
            object: {
              metadata: { name: 'flatland-agent.1', namespace },
              type: 'Warning',
              reason: 'FailedCreate',
              message: 'pods "flatland-agent-x" is forbidden: violates PodSecurity "baseline:latest"',
              involvedObject: { kind: 'DaemonSet', name: 'flatland-agent', namespace },
            },
          }),
        ),
      { timeout: 15_000 },
    ),
  ]);
});

test('replaces forwarders only when it is told to, starts each beside the old one, and leaves them alone afterwards', async () => {
  await using cluster = await InstallCluster.start();
  await cluster.withController(() => cluster.install());
  const image = 'registry.example/flatland:9';
  await cluster.withController(() => cluster.install({ image }), { outdatedForwarders: 1 });
  expect(cluster.lines).toContainEqual(expect.stringMatching(/1 forwarders still run the version before/));
  const strategies: object[] = [];
  const seen = (strategy: object) => void strategies.push(strategy);
  await cluster.withController(() => cluster.install({ image, replaceForwarders: true }), {
    outdatedForwarders: 1,
    seen,
  });
  expect(strategies).toEqual([{ type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }]);
  const ref = { name: 'flatland-forwarder', namespace };
  const after = orThrow(await getObject(cluster.client, DaemonSet, ref));
  expect(after).toMatchObject({ spec: { updateStrategy: { type: 'OnDelete' } } });
  expect(after).not.toHaveProperty('spec.minReadySeconds');
  expect(cluster.lines.at(-1)).toBe('east: Flatland is installed');
});
