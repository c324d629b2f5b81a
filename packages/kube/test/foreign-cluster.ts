/*
 * `node foreign-cluster.ts DIRECTORY`: the API server of a cluster that Flatland knows nothing of, with a node and a
 * workload. Prints its kubeconfig as one line of JSON, and serves until it is stopped.
 */
import { localAddressPolicy } from '../src/client/address-policy.ts';
import { orThrow } from '../src/client/error.ts';
import { openKubeClient } from '../src/client/kube-client.ts';
import type { KubeObject } from '../src/client/object.ts';
import { applyObject, replaceObject } from '../src/client/objects.ts';
import type { Resource } from '../src/client/resource.ts';
import { ConfigMap, DaemonSet, Deployment, Namespace, Node, Pod } from '../src/client/resources.ts';
import { sensitive } from '../src/client/sensitive.ts';
import { parseServerUrl } from '../src/client/server-url.ts';
import { startEmbeddedServer } from '../src/server/start-server.ts';
import { kubeconfigOf } from '../src/server/kubeconfig-of.ts';

const [directory = ''] = process.argv.slice(2);
const server = await startEmbeddedServer({ dataDir: directory, clusterName: 'foreign' });
const url = parseServerUrl(server.url);
if (!url.ok) throw new Error(url.error);
const client = openKubeClient(
  {
    cluster: 'foreign',
    server: url.value,
    caPem: server.caCertPem,
    credential: { kind: 'token', token: sensitive(server.adminToken) },
  },
  { addressPolicy: localAddressPolicy },
);

const node = await apply(Node, { metadata: { name: 'foreign-1' }, spec: { podCIDRs: ['10.244.0.0/24'] } });
const nodeInfo = { operatingSystem: 'linux', kernelVersion: '6.1.0-9-amd64' };
const addresses = [{ type: 'InternalIP', address: '192.0.2.77' }];
orThrow(
  await replaceObject(client, Node, {
    object: { ...node, status: { addresses, nodeInfo } },
    subresource: 'status',
  }),
);
await apply(ConfigMap, {
  metadata: { name: 'coredns', namespace: 'kube-system' },
  data: { Corefile: '.:53 {\n}\n' },
});
const containers = [{ name: 'main', image: 'example' }];
const dnsLabels = { 'k8s-app': 'coredns' };
await apply(DaemonSet, {
  metadata: { name: 'coredns', namespace: 'kube-system' },
  spec: {
    selector: { matchLabels: dnsLabels },
    template: { metadata: { labels: dnsLabels }, spec: { hostNetwork: true, containers } },
  },
});
await apply(Namespace, { metadata: { name: 'shop' } });
await apply(Deployment, {
  metadata: { name: 'checkout', namespace: 'shop' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'checkout' } },
    template: { metadata: { labels: { app: 'checkout' } }, spec: { containers } },
  },
});
await apply(Pod, { metadata: { name: 'toolbox', namespace: 'shop' }, spec: { containers } });
await client.close();

const kubeconfig = kubeconfigOf(server, { cluster: 'foreign', context: 'admin@foreign' });
process.stdout.write(`${JSON.stringify(kubeconfig)}\n`);

async function apply(type: Resource, object: Record<string, unknown>): Promise<KubeObject> {
  return orThrow(await applyObject(client, type, { object: object as KubeObject, fieldManager: 'example' }));
}
