import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { orThrow } from '@flatland/kube/client/error';
import { kubeClientOver } from '@flatland/kube/client/kube-client';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { deleteObject, listObjects } from '@flatland/kube/client/objects';
import { Deployment } from '@flatland/kube/client/resources';
import { NO_KUBELETS } from '@flatland/kube/server/kubelet-port';
import { err } from '@flatland/shared/result';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LabCluster } from './lab-cluster.ts';
import { LAB_CLUSTERS } from './lab-clusters.ts';
import { setUpCluster } from './set-up-cluster.ts';

const definition = LAB_CLUSTERS[0]!;
let directory: string;
let cluster: LabCluster;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fl-'));
  cluster = new LabCluster({
    name: definition.name,
    directory: join(directory, 'api'),
    socketPath: join(directory, 'api.sock'),
    kubelets: NO_KUBELETS,
    log: pino({ level: 'silent' }),
    nowMs: Date.now,
    port: 0,
  });
  await cluster.startServer();
});

afterEach(async () => {
  await cluster.stop();
  await rm(directory, { recursive: true });
});

const deployments = async () =>
  orThrow(await listObjects(cluster.client, Deployment)).items.map(({ metadata }) => metadata.name);

test('a cluster is given the sample once', async () => {
  expect(await setUpCluster(cluster.client, definition)).toEqual({ isFirstStart: true });
  expect(await setUpCluster(cluster.client, definition)).toEqual({ isFirstStart: false });
});

test('a cluster that cannot say whether it is new is not taken for a new one', async () => {
  await setUpCluster(cluster.client, definition);
  orThrow(await deleteObject(cluster.client, Deployment, { name: 'frontend', namespace: 'shop' }));
  const before = await deployments();
  await expect(setUpCluster(withoutReads(cluster.client), definition)).rejects.toThrow('away');
  expect(await deployments()).toEqual(before);
});

/** A client whose reads fail, as those of an API server that is just starting may. */
function withoutReads({ transport, cluster: name }: KubeClient): KubeClient {
  const failing: KubeClient['transport'] = {
    ...transport,
    exchange: async (request, limits) =>
      request.method === 'GET'
        ? err({ kind: 'unreachable', message: 'away' })
        : transport.exchange(request, limits),
  };
  return kubeClientOver(failing, { cluster: name, retry: { maxTries: 1 } });
}
