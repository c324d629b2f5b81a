import type { KubernetesObject } from '../model/kubernetes-object.ts';
import { GIT_ENGINE_TITLES, gitOwner } from '../plan/git-owner.ts';
import type { Refusal } from '../reason/reasons.ts';
import { err, ok, type Result } from '../result.ts';
import { field, text } from '../topology/facts/json.ts';

/** Name servers that may run in each node’s own network, by their DaemonSet and ConfigMap in kube-system; the nearer first. */
export const NODE_NAME_SERVERS = ['node-local-dns', 'coredns'] as const;

/** The name server of every node, with the Corefile that it is told by. */
export interface NodeNameServer {
  readonly name: (typeof NODE_NAME_SERVERS)[number];
  readonly corefile: string;
}

/**
 * The cluster’s name server that can ask each node’s agent: one that runs on every node in the node’s own network. Refused
 * where there is none, or where somebody else keeps its Corefile as it is. Objects are as the API gave them: untrusted.
 */
export function nodeNameServer(
  daemonSets: readonly KubernetesObject[],
  configMaps: readonly KubernetesObject[],
): Result<NodeNameServer, Refusal> {
  for (const name of NODE_NAME_SERVERS) {
    const isIt = ({ metadata }: KubernetesObject) =>
      metadata.name === name && metadata.namespace === 'kube-system';
    const daemonSet = daemonSets.find(isIt);
    const map = configMaps.find(isIt);
    const corefile = map === undefined ? '' : text(map, '', 'data', 'Corefile');
    if (daemonSet === undefined || map === undefined || corefile === '') continue;
    if (field(daemonSet, 'spec', 'template', 'spec', 'hostNetwork') !== true) continue;
    const owner = ownerOf(map);
    if (owner === undefined) return ok({ name, corefile });
    return err({
      code: 'corefile-managed',
      detail: `The Corefile of ${name} belongs to ${owner}, which would undo a change`,
    });
  }
  return err({
    code: 'dns-not-on-nodes',
    detail: 'No name server of the cluster runs on every node in the node’s own network, where agents answer',
  });
}

/** Who keeps a Corefile as it is, as the object says. */
function ownerOf(map: KubernetesObject): string | undefined {
  const { labels = {} } = map.metadata;
  if (labels['addonmanager.kubernetes.io/mode'] === 'Reconcile') return 'the cluster’s add-on manager';
  const engine = gitOwner(map);
  if (engine !== undefined) return GIT_ENGINE_TITLES[engine];
  if (labels['app.kubernetes.io/managed-by'] === 'Helm') return 'a Helm release';
  return undefined;
}
