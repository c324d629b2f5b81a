import type { KubeObject } from '../workloads/kinds/meta.ts';
import type { NodeDefinition } from './cluster-definition.ts';

/** The Node object of a node as it is announced; its kubelet adds the status. */
export function nodeObject(cluster: string, node: NodeDefinition): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      labels: {
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': nodeArchitecture(),
        'topology.kubernetes.io/region': cluster,
      },
    },
    spec: { podCIDR: node.podCidr, podCIDRs: [node.podCidr] },
  };
}

/** The machine's architecture as Kubernetes names it. */
export function nodeArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch;
}
