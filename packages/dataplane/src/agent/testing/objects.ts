import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';

/** Objects of a cluster for tests, as an API gives them. */

const FLATLAND = 'flatland.dev/v1alpha1';

/** A Domain; by default red over two clusters. */
export function domainObject(
  name: string,
  spec: {
    prefixes: string[];
    clusters: Record<string, string[]>;
    allowedNamespaces?: string[];
    mtuBytes?: number;
    target?: string;
    dnsName?: string;
  },
): KubernetesObject {
  const clusters = Object.entries(spec.clusters).map(([cluster, slices]) => ({ name: cluster, slices }));
  return {
    apiVersion: FLATLAND,
    kind: 'Domain',
    metadata: { name, uid: `uid-domain-${name}` },
    spec: {
      prefixes: spec.prefixes,
      clusters,
      home: clusters[0]?.name,
      dnsName: spec.dnsName ?? `${name}.flatland`,
      allowedNamespaces: spec.allowedNamespaces ?? ['*'],
      owner: 'harbor.example',
      target: spec.target ?? 'flatland',
      ...(spec.mtuBytes !== undefined && { mtuBytes: spec.mtuBytes }),
    },
  };
}

/** A Membership of a Deployment, or of what a selector matches. */
export function membershipObject(
  namespace: string,
  domain: string,
  selects: string | { matchLabels: Record<string, string> },
  options: { kind?: string; createdAt?: string } = {},
): KubernetesObject {
  const named = typeof selects === 'string';
  return {
    apiVersion: FLATLAND,
    kind: 'Membership',
    metadata: {
      namespace,
      name: named ? `${domain}-${selects}` : `${domain}-selected`,
      creationTimestamp: options.createdAt ?? '2026-01-01T00:00:00Z',
    },
    spec: {
      domain,
      ...(named
        ? { workload: { kind: options.kind ?? 'Deployment', name: selects } }
        : { selector: selects }),
    },
  };
}

/** A Deployment's pods on a node, with the ReplicaSet between them. The uid is `namespace-workload-index`. */
export function podObjects(
  namespace: string,
  workload: string,
  node: string,
  options: { count?: number; first?: number; spec?: Record<string, unknown>; phase?: string } = {},
): KubernetesObject[] {
  const replicaSet = `${workload}-7d9f`;
  const pods = Array.from({ length: options.count ?? 1 }, (_, i): KubernetesObject => {
    const index = i + (options.first ?? 0);
    return {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        namespace,
        name: `${replicaSet}-${index}`,
        uid: `${namespace}-${workload}-${index}`,
        labels: { app: workload },
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'ReplicaSet',
            name: replicaSet,
            uid: `rs-${workload}`,
            controller: true,
          },
        ],
      },
      spec: { nodeName: node, serviceAccountName: 'default', ...options.spec },
      status: { phase: options.phase ?? 'Running' },
    };
  });
  return [replicaSetObject(namespace, workload, replicaSet), ...pods];
}

/** A pod that nobody owns. */
export function barePodObject(namespace: string, name: string, node: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace, name, uid: `${namespace}-${name}` },
    spec: { nodeName: node },
    status: { phase: 'Running' },
  };
}

export function nodeObject(name: string, address: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, uid: `uid-node-${name}` },
    status: { addresses: [{ type: 'InternalIP', address }] },
  };
}

/** The ConfigMap by which a cluster tells its pod and service ranges. */
export function kubeadmConfig(pods: string, services: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: 'kube-system', name: 'kubeadm-config' },
    data: {
      ClusterConfiguration: `networking:\n  podSubnet: ${pods}\n  serviceSubnet: ${services}\n`,
    },
  };
}

export function addressBlockOf(domain: string, prefix: string, node: string): KubernetesObject {
  return {
    apiVersion: FLATLAND,
    kind: 'AddressBlock',
    metadata: { name: `${domain}.${prefix.replace('/', '-')}` },
    spec: { domain, prefix, node },
  };
}

/** A public key for tests: valid base64 of 32 bytes. */
export function publicKeyOf(seed: number): string {
  return Buffer.alloc(32, seed).toString('base64');
}

export function nodePeerSpecOf(
  domain: string,
  node: string,
  options: {
    seed: number;
    blocks: string[];
    router?: string[];
    address?: string;
    behindNat?: boolean;
    via?: { cluster: string; node: string }[];
    mtu?: number;
  },
) {
  return {
    domain,
    node,
    publicKey: publicKeyOf(options.seed),
    candidates: [{ address: options.address ?? '192.0.2.9', port: 51820, source: 'interface' }],
    via: options.via ?? [],
    behindNat: options.behindNat ?? false,
    blocks: options.blocks,
    routerAddresses: options.router ?? options.blocks.map((block) => block.split('/')[0]),
    underlayMtuBytes: options.mtu ?? 1500,
    protocolVersions: [1],
  };
}

export function nodePeerOf(spec: ReturnType<typeof nodePeerSpecOf>): KubernetesObject {
  return { apiVersion: FLATLAND, kind: 'NodePeer', metadata: { name: `${spec.domain}.${spec.node}` }, spec };
}

export function remoteSliceOf(
  cluster: string,
  domain: string,
  peers: readonly ReturnType<typeof nodePeerSpecOf>[],
  options: { members?: unknown[]; payloadVersion?: number; epoch?: number; name?: string } = {},
): KubernetesObject {
  return {
    apiVersion: FLATLAND,
    kind: 'RemoteSlice',
    metadata: { name: options.name ?? `${cluster}.${domain}` },
    spec: {
      origin: { cluster, uid: `uid-${cluster}`, epoch: options.epoch ?? 1 },
      domain,
      payloadVersion: options.payloadVersion ?? 1,
      peers,
      members: options.members ?? [],
    },
  };
}

function replicaSetObject(namespace: string, workload: string, name: string): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      namespace,
      name,
      uid: `rs-${workload}`,
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          name: workload,
          uid: `deploy-${workload}`,
          controller: true,
        },
      ],
    },
  };
}
