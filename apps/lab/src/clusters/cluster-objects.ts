import { createHash } from 'node:crypto';
import { installManifests } from '@flatland/shared/manifest/install/install-manifests';
import { stableYaml } from '@flatland/shared/manifest/stable-yaml';
import { sampleIntent } from '../sample/sample-domains.ts';
import { SAMPLE_WORKLOADS, sampleNamespaces, sampleWorkloadObjects } from '../sample/sample-workloads.ts';
import type { KubeObject } from '../workloads/kinds/meta.ts';
import type { ClusterDefinition } from './cluster-definition.ts';
import { API_SERVICE_ADDRESS, DNS_SERVICE_ADDRESS, POD_CIDR, SERVICE_CIDR } from './cluster-definition.ts';

/** Images of Flatland's own pods in the lab. */
const IMAGES = {
  agent: 'flatland.dev/agent',
  forwarder: 'flatland.dev/forwarder',
  controller: 'flatland.dev/controller',
};

/** What every cluster of Kubernetes has and the lab's lack at first: written at every start. */
export function baseObjects(): KubeObject[] {
  const networking = { dnsDomain: 'cluster.local', podSubnet: POD_CIDR, serviceSubnet: SERVICE_CIDR };
  return [
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kubeadm-config', namespace: 'kube-system' },
      data: {
        ClusterConfiguration: stableYaml({
          apiVersion: 'kubeadm.k8s.io/v1beta4',
          kind: 'ClusterConfiguration',
          networking,
        }),
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kubernetes', namespace: 'default', labels: { component: 'apiserver' } },
      spec: { clusterIP: API_SERVICE_ADDRESS, ports: [{ name: 'https', port: 443, protocol: 'TCP' }] },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'kube-dns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } },
      spec: {
        clusterIP: DNS_SERVICE_ADDRESS,
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP' },
          { name: 'dns-tcp', port: 53, protocol: 'TCP' },
        ],
      },
    },
  ];
}

/** Flatland's installation on a cluster. Agents of a cluster behind NAT are told so: they must speak first. */
export function flatlandObjects({ name, underlay }: ClusterDefinition): KubeObject[] {
  const behindNat = underlay.nat !== undefined;
  return installManifests({ cluster: name, embedded: true, images: IMAGES, behindNat }) as KubeObject[];
}

/** The sample of one cluster; created once, and from then on the user's. */
export function sampleObjects(cluster: string): KubeObject[] {
  const namespaces = sampleNamespaces(cluster).map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'flatland.dev/organization': 'harbor' } },
  }));
  const workloads = SAMPLE_WORKLOADS.filter((workload) => workload.cluster === cluster).flatMap(
    sampleWorkloadObjects,
  );
  return [...namespaces, ...sampleIntent(cluster), ...workloads];
}

/** Marks a cluster as set up; its `installed` tells which installation it has. */
export function markerObject(objects: readonly KubeObject[]): KubeObject {
  const installed = createHash('sha256').update(JSON.stringify(objects)).digest('hex');
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'flatland-lab', namespace: 'kube-system' },
    data: { installed },
  };
}
