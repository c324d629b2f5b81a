import type { IpAddress } from '../address/ip.ts';
import type { PodFacts } from '../topology/facts/pod-facts.ts';

/** Where a name server sends questions to. */
export interface DnsEndpoint {
  readonly address: IpAddress;
  readonly port: number;
}

/**
 * Where each node’s agent answers a name server of the node’s own network, which says whom it asks for; on the same port
 * of the node’s addresses it answers those that run as pods.
 */
export const NODE_DNS = { address: '127.0.0.1' as IpAddress, port: 7453 } as const;

/** The Service by which a name server that runs as a pod asks the agent of its own node, on DNS’s own port. */
export const DNS_SERVICE = { name: 'flatland-dns', port: 53 } as const;

/** The Service, in kube-system, by which pods ask their cluster’s name server. */
export const CLUSTER_DNS_SERVICE = 'kube-dns';

/** Whether a pod is one of the cluster’s name servers, by the label that CoreDNS has everywhere; hosts’ networks left out. */
export function isNameServer(pod: Pick<PodFacts, 'namespace' | 'labels' | 'hostNetwork'>): boolean {
  return pod.namespace === 'kube-system' && pod.labels['k8s-app'] === 'kube-dns' && !pod.hostNetwork;
}
