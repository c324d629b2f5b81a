import { DNS_SERVICE, NODE_DNS } from '../../dns/node-dns.ts';
import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import { podLabels, systemMeta } from './meta.ts';

/** By what the cluster's name servers ask the agent of their own node, which sees the address of who asks. `agent`: its component. */
export function dnsService(agent: string): KubernetesObject {
  const port = (protocol: string) => ({
    name: `dns-${protocol.toLowerCase()}`,
    protocol,
    port: DNS_SERVICE.port,
    targetPort: NODE_DNS.port,
  });
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: systemMeta(DNS_SERVICE.name),
    spec: {
      selector: podLabels(agent),
      internalTrafficPolicy: 'Local',
      ports: ['UDP', 'TCP'].map(port),
    },
  };
}
