import { parseIpAddress } from '../address/ip.ts';
import { SYSTEM_NAMESPACE, type KubernetesObject } from '../model/kubernetes-object.ts';
import { GIT_ENGINE_TITLES, gitOwner } from '../plan/git-owner.ts';
import type { Refusal } from '../reason/reasons.ts';
import { err, ok, type Result } from '../result.ts';
import { field, text } from '../topology/facts/json.ts';
import { CLUSTER_DNS_SERVICE, DNS_SERVICE, isNameServer, NODE_DNS, type DnsEndpoint } from './node-dns.ts';

/** Name servers that may be told of domains, by their ConfigMap in kube-system; the nearer to pods first. */
export const NAME_SERVERS = ['node-local-dns', 'coredns'] as const;

/** A cluster’s objects that tell of its name server, as the API gave them: untrusted. */
export interface NameServerObjects {
  readonly daemonSets: readonly KubernetesObject[];
  readonly deployments: readonly KubernetesObject[];
  readonly configMaps: readonly KubernetesObject[];
  readonly services: readonly KubernetesObject[];
}

/** The cluster’s name server, with the Corefile that it is told by. */
export interface NameServer {
  readonly name: (typeof NAME_SERVERS)[number];
  readonly corefile: string;
  /** Where it asks the agent of its node; undefined while the Service that leads there is not installed. */
  readonly agent: DnsEndpoint | undefined;
  /** Why its Corefile is not to be changed: somebody else keeps it as it is. */
  readonly kept: Refusal | undefined;
}

/**
 * The cluster’s name server that can ask its node’s agent: one in the nodes’ own network does it there, one that runs as
 * pods over a Service. Refused where there is none, or none that sees who asks.
 */
export function nameServer(objects: NameServerObjects): Result<NameServer, Refusal> {
  for (const name of NAME_SERVERS) {
    const isIt = isNamed('kube-system', name);
    const map = objects.configMaps.find(isIt);
    const corefile = map === undefined ? '' : text(map, '', 'data', 'Corefile');
    if (map === undefined || corefile === '') continue;
    const daemonSet = objects.daemonSets.find(isIt);
    const isOnNodes =
      daemonSet !== undefined && field(daemonSet, 'spec', 'template', 'spec', 'hostNetwork') === true;
    const isPods = [daemonSet, objects.deployments.find(isIt)].some(runsKnownPods);
    if (!isOnNodes && !isPods) continue;
    if (isOnNodes && name === 'coredns' && leadsToOtherNodes(objects.services))
      return err({
        code: 'name-server-not-local',
        detail: `${name} runs in the nodes’ own network, and the Service ${CLUSTER_DNS_SERVICE} leads pods to that of any node, on the way to which their addresses are lost`,
      });
    const agent = isOnNodes ? NODE_DNS : serviceEndpoint(objects.services);
    return ok({ name, corefile, agent, kept: keptBy(ownerOf(map), name) });
  }
  return err({
    code: 'no-name-server',
    detail: 'kube-system has neither CoreDNS nor NodeLocal DNSCache as Flatland knows them',
  });
}

function keptBy(owner: string | undefined, name: string): Refusal | undefined {
  if (owner === undefined) return undefined;
  const detail = `The Corefile of ${name} belongs to ${owner}, which would undo a change`;
  return { code: 'corefile-managed', detail };
}

function isNamed(namespace: string, name: string) {
  return ({ metadata }: KubernetesObject) => metadata.name === name && metadata.namespace === namespace;
}

/** Whether the pods of a DaemonSet or Deployment are those that agents take for name servers. */
function runsKnownPods(object: KubernetesObject | undefined): boolean {
  if (object === undefined) return false;
  const label = text(object, '', 'spec', 'template', 'metadata', 'labels', 'k8s-app');
  const hostNetwork = field(object, 'spec', 'template', 'spec', 'hostNetwork') === true;
  return isNameServer({ namespace: 'kube-system', labels: { 'k8s-app': label }, hostNetwork });
}

/** Whether pods may ask a name server in the network of another node, where they come with the address of their own. */
function leadsToOtherNodes(services: readonly KubernetesObject[]): boolean {
  const service = services.find(isNamed('kube-system', CLUSTER_DNS_SERVICE));
  return service !== undefined && text(service, 'Cluster', 'spec', 'internalTrafficPolicy') !== 'Local';
}

function serviceEndpoint(services: readonly KubernetesObject[]): DnsEndpoint | undefined {
  const service = services.find(isNamed(SYSTEM_NAMESPACE, DNS_SERVICE.name));
  const address = parseIpAddress(service === undefined ? '' : text(service, '', 'spec', 'clusterIP'));
  return address.ok ? { address: address.value, port: DNS_SERVICE.port } : undefined;
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
