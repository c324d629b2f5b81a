import { reviewOwnAccess } from '@flatland/kube/client/access-review';
import type { KubeClient } from '@flatland/kube/client/kube-client';
import { getObject, listObjects, type CallOptions } from '@flatland/kube/client/objects';
import type { Resource } from '@flatland/kube/client/resource';
import {
  ConfigMap,
  DaemonSet,
  Deployment,
  Namespace,
  Node,
  NodePeer,
  Service,
} from '@flatland/kube/client/resources';
import { readServerVersion } from '@flatland/kube/client/server-info';
import { CLUSTER_DNS_SERVICE } from '@flatland/shared/dns/node-dns';
import { NAME_SERVERS } from '@flatland/shared/dns/name-server';
import { mapLimited } from '@flatland/shared/map-limited';
import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import type { AccessAnswer, Known, PreflightFacts } from '@flatland/shared/preflight/facts';
import { err, ok } from '@flatland/shared/result';
import { readObject, ServiceCIDR } from '../watched-kinds.ts';
import { readApiGroups } from './api-groups.ts';
import { NEEDED_ACCESS, type NeededAccess } from './needed-access.ts';

/** Calls at once: a cluster that is looked at for the first time is not to be flooded. */
const MAX_PARALLEL = 8;

/** Asks a cluster everything that a preflight looks at. Writes nothing; never throws for what the cluster does. */
export async function gatherFacts(
  client: KubeClient,
  { server, signal }: { readonly server: string; readonly signal: AbortSignal },
): Promise<PreflightFacts> {
  const options: CallOptions = { signal, timeoutMs: 5000, maxTries: 2 };
  const version = await readServerVersion(client, { ...options, maxTries: 1 });
  if (!version.ok)
    return {
      ...NOTHING,
      server,
      version: err(version.error.message),
      credentialsAccepted: version.error.kind !== 'unauthorized',
    };
  const known = { ...NOTHING, server, version: ok(version.value.gitVersion) };
  const first = await ask(client, NEEDED_ACCESS[0]!, options);
  if (first.isUnknownCaller) return { ...known, credentialsAccepted: false };
  const [
    answers,
    apiGroups,
    nodes,
    namespaces,
    daemonSets,
    deployments,
    serviceCidrs,
    nodePeers,
    kubeadmConfig,
    dnsService,
    ...maps
  ] = await Promise.all([
    mapLimited(NEEDED_ACCESS.slice(1), MAX_PARALLEL, (needed) => ask(client, needed, options)),
    readApiGroups(client, options),
    readAll(client, Node, options),
    readAll(client, Namespace, options),
    readAll(client, DaemonSet, options),
    readAll(client, Deployment, options),
    readAll(client, ServiceCIDR, options),
    readAll(client, NodePeer, options),
    readNamed(client, ConfigMap, 'kubeadm-config', options),
    readNamed(client, Service, CLUSTER_DNS_SERVICE, options),
    ...NAME_SERVERS.map((name) => readNamed(client, ConfigMap, name, options)),
  ]);
  return {
    ...known,
    credentialsAccepted: true,
    access: [first, ...answers].map(({ answer }) => answer),
    apiGroups,
    nodes,
    namespaces,
    daemonSets,
    deployments,
    serviceCidrs,
    nodePeers,
    kubeadmConfig,
    dnsServices: allKnown([dnsService]),
    dnsMaps: allKnown(maps),
  };
}

const UNASKED = err('it was not asked');
const NOTHING = {
  access: [],
  apiGroups: UNASKED,
  nodes: UNASKED,
  namespaces: UNASKED,
  daemonSets: UNASKED,
  deployments: UNASKED,
  serviceCidrs: UNASKED,
  nodePeers: UNASKED,
  kubeadmConfig: UNASKED,
  dnsServices: UNASKED,
  dnsMaps: UNASKED,
};

interface Asked {
  readonly answer: AccessAnswer;
  /** The API knows nobody by these credentials. */
  readonly isUnknownCaller: boolean;
}

async function ask(client: KubeClient, needed: NeededAccess, options: CallOptions): Promise<Asked> {
  const { purpose, ...access } = needed;
  const review = await reviewOwnAccess(client, access, options);
  const { verb, group, resource: plural, subresource } = access;
  const name = subresource === undefined ? plural : `${plural}/${subresource}`;
  return {
    answer: {
      purpose,
      verb,
      group,
      resource: name,
      allowed: review.ok ? ok(review.value.allowed) : err(review.error.message),
    },
    isUnknownCaller: !review.ok && review.error.kind === 'unauthorized',
  };
}

async function readAll(
  client: KubeClient,
  type: Resource,
  options: CallOptions,
): Promise<Known<readonly KubernetesObject[]>> {
  const list = await listObjects<unknown>(client, type, options);
  if (!list.ok) return err(list.error.message);
  return ok(
    list.value.items.flatMap((raw) => {
      const object = readObject(type, raw);
      return object.ok ? [object.value] : [];
    }),
  );
}

/** Those of several objects that are there; or why one is not known. */
function allKnown(
  objects: readonly Known<KubernetesObject | undefined>[],
): Known<readonly KubernetesObject[]> {
  const found: KubernetesObject[] = [];
  for (const object of objects) {
    if (!object.ok) return object;
    if (object.value !== undefined) found.push(object.value);
  }
  return ok(found);
}

/** An object of kube-system, where it is there. */
async function readNamed(
  client: KubeClient,
  type: Resource,
  name: string,
  options: CallOptions,
): Promise<Known<KubernetesObject | undefined>> {
  const found = await getObject<unknown>(client, type, { namespace: 'kube-system', name, ...options });
  if (found.ok) return readObject(type, found.value);
  return found.error.kind === 'notFound' ? ok(undefined) : err(found.error.message);
}
