import { orThrow } from '@flatland/kube/client/error';
import { applyObject, createObject, getObject, listObjects } from '@flatland/kube/client/objects';
import {
  ControllerRevision,
  CustomResourceDefinition,
  DaemonSet,
  Event,
  Namespace,
  Pod,
  ServiceAccount,
} from '@flatland/kube/client/resources';
import { createToken } from '@flatland/kube/client/service-account-token';
import { installManifests } from '@flatland/shared/manifest/install/install-manifests';
import { SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import { expect, test, vi } from 'vitest';
import { replaceForwarders } from '../src/install/replace-forwarders.ts';
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

test('replaces a forwarder of another version only, by uid, and waits for the new one of that node', async () => {
  await using cluster = await InstallCluster.start();
  await cluster.withController(() => cluster.install());
  const { client } = cluster;
  const daemonSet = orThrow(await getObject(client, DaemonSet, { name: 'flatland-forwarder', namespace }));
  const owner = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    name: 'flatland-forwarder',
    uid: daemonSet.metadata.uid!,
  };
  for (const [revision, hash] of [
    [1, 'old'],
    [2, 'new'],
  ] as const) {
    const metadata = {
      name: `flatland-forwarder-${hash}`,
      namespace,
      labels: { 'controller-revision-hash': hash },
      ownerReferences: [owner],
    };
    orThrow(await createObject(client, ControllerRevision, { object: { metadata, revision } }));
  }
  const start = async (name: string, node: string, hash: string) => {
    const labels = { 'app.kubernetes.io/name': 'flatland-forwarder', 'controller-revision-hash': hash };
    const containers = [{ name: 'forwarder', image: 'x' }];
    const pod = orThrow(
      await createObject(client, Pod, {
        object: { metadata: { name, namespace, labels }, spec: { nodeName: node, containers } },
      }),
    );
    const conditions = [{ type: 'Ready', status: 'True' }];
    orThrow(
      await applyObject(client, Pod, {
        object: { metadata: { name, namespace }, status: { phase: 'Running', conditions } },
        fieldManager: 'kubelet',
        subresource: 'status',
      }),
    );
    return pod;
  };
  await start('one-old', 'node-1', 'old');
  const kept = await start('two-new', 'node-2', 'new');
  const waiting = { timeoutMs: 60_000, say: (line: string) => void cluster.lines.push(line) };
  const replacing = replaceForwarders(client, waiting);
  await vi.waitFor(
    async () => {
      const old = await getObject(client, Pod, { name: 'one-old', namespace });
      if (old.ok && old.value.metadata.deletionTimestamp === undefined) throw new Error('it is still there');
    },
    { timeout: 15_000 },
  );
  await start('one-new', 'node-1', 'new');
  expect(await replacing).toBe(1);
  expect(cluster.lines.at(-1)).toBe('replaced: forwarder of node-1');
  const left = orThrow(await getObject(client, Pod, { name: 'two-new', namespace }));
  expect(left.metadata.uid).toBe(kept.metadata.uid);
});
