import type { KubeClient } from '@flatland/kube/client/kube-client';
import type { KubeObject } from '@flatland/kube/client/object';
import { applyObject } from '@flatland/kube/client/objects';
import { DaemonSet } from '@flatland/kube/client/resources';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { INSTALL_FIELD_MANAGER } from './apply-install.ts';
import { nameOfObject } from './install-resources.ts';
import { orRefused } from './refused.ts';
import { waitReady } from './wait-ready.ts';
import type { Waiting } from './wait-until.ts';

const FORWARDER = 'flatland-forwarder';
/** A forwarder has this long to come to where it waits for the one before it. */
const STAND_BY_SECONDS = 30;

/**
 * Replaces the forwarders that run an earlier version, node by node. On each node the new one is started beside the old
 * one and waits for its end, so that tunnels carry nothing only while the agent tells it what the old one knew. Forwarders are
 * left to whoever deletes them again afterwards, also where it fails.
 */
export async function replaceForwarders(
  client: KubeClient,
  objects: readonly KubernetesObject[],
  waiting: Waiting,
): Promise<void> {
  const daemonSet = objects.find(({ kind, metadata }) => kind === 'DaemonSet' && metadata.name === FORWARDER);
  if (daemonSet === undefined) throw new Error('forwarders are among what is installed');
  waiting.say('replaces forwarders, node by node');
  const rolling = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  await applyForwarder(client, {
    ...daemonSet,
    spec: {
      ...(daemonSet['spec'] as object),
      updateStrategy: rolling,
      minReadySeconds: STAND_BY_SECONDS,
    },
  });
  try {
    await waitReady(client, waiting);
  } finally {
    await applyForwarder(client, daemonSet);
  }
}

async function applyForwarder(client: KubeClient, object: KubernetesObject): Promise<void> {
  const answer = await applyObject(client, DaemonSet, {
    object: object as KubeObject,
    fieldManager: INSTALL_FIELD_MANAGER,
    fieldValidation: 'Strict',
  });
  orRefused(`${client.cluster}: ${nameOfObject(object as KubeObject)}`, answer);
}
