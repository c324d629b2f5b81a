import type { KubeClient } from '@flatland/kube/client/kube-client';
import { refOf, type KubeObject } from '@flatland/kube/client/object';
import { deleteObject, getObject, listObjects } from '@flatland/kube/client/objects';
import type { Resource } from '@flatland/kube/client/resource';
import {
  ClusterRole,
  ClusterRoleBinding,
  CustomResourceDefinition,
  Domain,
  Membership,
  Namespace,
  NodePeer,
  ValidatingAdmissionPolicy,
  ValidatingAdmissionPolicyBinding,
} from '@flatland/kube/client/resources';
import { OWNER_LABEL, OWNER_LABEL_VALUE, SYSTEM_NAMESPACE } from '@flatland/shared/model/kubernetes-object';
import { CommandError } from '../io/command-error.ts';
import { nameOfObject } from './install-resources.ts';
import { orRefused } from './refused.ts';
import { waitUntil, type Waiting } from './wait-until.ts';

/** What goes last; each kind by owner label only. */
const CLUSTER_WIDE: readonly Resource[] = [
  ValidatingAdmissionPolicyBinding,
  ValidatingAdmissionPolicy,
  ClusterRoleBinding,
  ClusterRole,
  CustomResourceDefinition,
];

/** What a person accepts of an uninstallation. */
export interface UninstallOrder {
  /** Workloads leave domains that they are in. */
  readonly acknowledge: boolean;
  /** Nodes are not waited for: what agents made there stays where no agent runs. */
  readonly leaveNodes: boolean;
  readonly waiting: Waiting;
}

/**
 * Takes Flatland away from a cluster: memberships and domains first, then, when the agents have cleaned up their nodes, the
 * namespace, and at last what belongs to the whole cluster. Only objects that were seen, by uid, and outside of
 * Flatland’s own kinds only those with its owner label. Throws CommandError where domains have members that nobody
 * acknowledged, or where nodes are not cleaned up in time.
 */
export async function uninstallCluster(client: KubeClient, order: UninstallOrder): Promise<void> {
  const { waiting } = order;
  const memberships = await all(client, Membership);
  const domains = await all(client, Domain);
  if (memberships.length > 0 && !order.acknowledge) throw hasMembers(client, memberships);
  const namespace = await ownNamespace(client);
  await removeAll(client, Membership, memberships, waiting);
  await removeAll(client, Domain, domains, waiting);
  if (!order.leaveNodes) await waitForNodes(client, waiting);
  if (namespace !== undefined) await removeAll(client, Namespace, [namespace], waiting);
  for (const type of CLUSTER_WIDE)
    await removeAll(client, type, await all(client, type, `${OWNER_LABEL}=${OWNER_LABEL_VALUE}`), waiting);
}

function hasMembers(client: KubeClient, memberships: readonly KubeObject[]): CommandError {
  const domains = memberships.map(({ spec }) => (spec as { domain?: string } | undefined)?.domain ?? '?');
  const names = [...new Set(domains)].toSorted();
  const counts = names.map((name) => `${name} (${domains.filter((one) => one === name).length})`);
  return new CommandError(`${client.cluster}: domains have members: ${counts.join(', ')}`, {
    next: 'Take the workloads out first, or end their connections with --acknowledge',
  });
}

async function waitForNodes(client: KubeClient, waiting: Waiting): Promise<void> {
  let said = '';
  let left: readonly KubeObject[] = [];
  const isClean = async () => {
    left = await all(client, NodePeer);
    const line = `waits for ${left.length} objects of nodes, which agents clean up`;
    if (left.length > 0 && line !== said) waiting.say(line);
    said = line;
    return left.length === 0;
  };
  await waitUntil(waiting, `${client.cluster}: nodes are not cleaned up`, isClean, async () => ({
    cause: left.map(({ metadata }) => metadata.name).join(', '),
    next: 'Look at the agents of these nodes, or leave what is there with --leave-nodes',
  }));
}

/** Flatland's namespace, where there is one. Throws where it is somebody else's. */
async function ownNamespace(client: KubeClient): Promise<KubeObject | undefined> {
  const live = await getObject(client, Namespace, { name: SYSTEM_NAMESPACE });
  if (!live.ok && live.error.kind === 'notFound') return undefined;
  const namespace = orRefused(`${client.cluster}: Namespace ${SYSTEM_NAMESPACE}`, live);
  if (namespace.metadata.labels?.[OWNER_LABEL] === OWNER_LABEL_VALUE) return namespace;
  throw new CommandError(
    `${client.cluster}: Namespace ${SYSTEM_NAMESPACE} does not carry the label ${OWNER_LABEL}=${OWNER_LABEL_VALUE}`,
    { next: 'It is not Flatland’s to delete: look at who made it' },
  );
}

/** Objects of a kind; none where the cluster does not know it. */
async function all(client: KubeClient, type: Resource, labelSelector?: string): Promise<KubeObject[]> {
  const list = await listObjects(client, type, { labelSelector });
  if (!list.ok && list.error.kind === 'notFound') return [];
  return orRefused(`${client.cluster}: ${type.plural}`, list).items;
}

async function removeAll(
  client: KubeClient,
  type: Resource,
  objects: readonly KubeObject[],
  waiting: Waiting,
): Promise<void> {
  for (const object of objects) {
    const { uid = '' } = object.metadata;
    const name = nameOfObject({ ...object, kind: type.kind });
    const gone = await deleteObject(client, type, {
      ...refOf(object.metadata),
      uid,
      propagationPolicy: 'Background',
    });
    if (!gone.ok && gone.error.kind !== 'notFound') orRefused(`${client.cluster}: ${name}`, gone);
    const isGone = async () => {
      const live = await getObject(client, type, refOf(object.metadata));
      return live.ok ? live.value.metadata.uid !== uid : live.error.kind === 'notFound';
    };
    await waitUntil(waiting, `${client.cluster}: ${name} is still there`, isGone);
    waiting.say(`deleted: ${name}`);
  }
}
