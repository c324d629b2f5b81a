import type { KubeClient } from '@flatland/kube/client/kube-client';
import type { KubeObject } from '@flatland/kube/client/object';
import { deleteObject, getObject, listObjects } from '@flatland/kube/client/objects';
import { ControllerRevision, DaemonSet, Pod } from '@flatland/kube/client/resources';
import { SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import { explainPods } from './explain-pods.ts';
import { orRefused } from './refused.ts';
import { waitUntil, type Waiting } from './wait-until.ts';

const FORWARDER = 'flatland-forwarder';
const HASH = 'controller-revision-hash';

interface PodObject extends KubeObject {
  readonly spec: { readonly nodeName?: string };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

interface Revision extends KubeObject {
  readonly revision: number;
}

/**
 * Replaces the forwarders that run an earlier version than the one that was applied, node by node: the next one only when the node
 * before has a ready forwarder again. Its tunnels carry nothing in between.
 */
export async function replaceForwarders(client: KubeClient, waiting: Waiting): Promise<number> {
  const hash = await newestRevision(client);
  const outdated = (await forwarders(client)).filter((pod) => pod.metadata.labels?.[HASH] !== hash);
  for (const pod of outdated) {
    const { nodeName = '' } = pod.spec;
    const { name, uid = '' } = pod.metadata;
    const gone = await deleteObject(client, Pod, { name, namespace: SYSTEM_NAMESPACE, uid });
    if (gone.ok || gone.error.kind !== 'notFound') orRefused(`${client.cluster}: Pod ${name}`, gone);
    const isBack = async () =>
      (await forwarders(client)).some(
        (one) => one.spec.nodeName === nodeName && one.metadata.labels?.[HASH] === hash && isReady(one),
      );
    const what = `${client.cluster}: ${nodeName} has no new forwarder`;
    await waitUntil(waiting, what, isBack, () => explainPods(client));
    waiting.say(`replaced: forwarder of ${nodeName}`);
  }
  return outdated.length;
}

async function forwarders(client: KubeClient): Promise<PodObject[]> {
  const labelSelector = `app.kubernetes.io/name=${FORWARDER}`;
  const list = await listObjects<PodObject>(client, Pod, { namespace: SYSTEM_NAMESPACE, labelSelector });
  return orRefused(`${client.cluster}: forwarders`, list).items.filter(
    ({ metadata }) => metadata.deletionTimestamp === undefined,
  );
}

/** The hash that pods of the DaemonSet as it is now carry. */
async function newestRevision(client: KubeClient): Promise<string | undefined> {
  const namespace = SYSTEM_NAMESPACE;
  const owner = orRefused(
    `${client.cluster}: DaemonSet ${FORWARDER}`,
    await getObject(client, DaemonSet, { name: FORWARDER, namespace }),
  );
  const list = await listObjects<Revision>(client, ControllerRevision, { namespace });
  const own = orRefused(`${client.cluster}: revisions`, list).items.filter(({ metadata }) =>
    metadata.ownerReferences?.some(({ uid }) => uid === owner.metadata.uid),
  );
  return own.toSorted((a, b) => b.revision - a.revision)[0]?.metadata.labels?.[HASH];
}

function isReady({ status }: PodObject): boolean {
  return (
    status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ===
    true
  );
}
