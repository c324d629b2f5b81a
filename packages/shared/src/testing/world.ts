import { addressAt, cidrFamily, subnetAt } from '../address/arithmetic.ts';
import type { Cidr } from '../address/cidr.ts';
import { nextSlice } from '../address/slice.ts';
import { domainManifest } from '../manifest/domain-manifest.ts';
import { membershipManifest } from '../manifest/membership-manifest.ts';
import { zDomainSpec } from '../model/domain.ts';
import type { KubernetesObject } from '../model/kubernetes-object.ts';
import { FLATLAND_API_VERSION, SYSTEM_NAMESPACE } from '../model/kubernetes-object.ts';
import type { WorkloadKind } from '../model/membership.ts';
import type { ClusterName } from '../model/names.ts';
import type { Snapshot } from '../topology/snapshot.ts';

/** A world for tests and benchmarks, described in a few words; `snapshotOf` turns it into clusters' objects. */
export interface World {
  readonly clusters: readonly WorldCluster[];
  readonly domains: readonly WorldDomain[];
  /** Adds what agents and controllers would have written: AddressBlocks' peers, members, mirrors. */
  readonly programmed: boolean;
}

export interface WorldCluster {
  readonly name: string;
  readonly nNodes: number;
  readonly workloads: readonly WorldWorkload[];
  readonly unreachable?: boolean;
}

export interface WorldWorkload {
  readonly namespace: string;
  readonly name: string;
  readonly kind?: WorkloadKind;
  readonly replicas?: number;
  readonly domains?: readonly string[];
  readonly hostNetwork?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface WorldDomain {
  readonly name: string;
  readonly prefixes: readonly string[];
  readonly clusters: readonly string[];
  readonly allowedNamespaces?: readonly string[];
}

const PUBLIC_KEY = 'xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=';

/** The clusters' objects of a world. Deterministic. */
export function snapshotOf(world: World): Snapshot {
  const domains = world.domains.map(domainObject);
  return {
    clusters: world.clusters.map((cluster) => ({
      cluster: cluster.name as ClusterName,
      reachable: cluster.unreachable !== true,
      lastSeenMs: 1000,
      readOnly: false,
      version: 'v1.37.0',
      objects: clusterObjects(world, cluster, domains),
    })),
  };
}

function clusterObjects(
  world: World,
  cluster: WorldCluster,
  domains: readonly KubernetesObject[],
): KubernetesObject[] {
  const namespaces = [
    ...new Set(['kube-system', SYSTEM_NAMESPACE, ...cluster.workloads.map((workload) => workload.namespace)]),
  ];
  const objects: KubernetesObject[] = [
    kubeadmConfig(),
    ...namespaces.map((name) => ({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, uid: `${cluster.name}-ns-${name}` },
    })),
    ...Array.from({ length: cluster.nNodes }, (_, index) => nodeObject(cluster, index)),
    ...Array.from({ length: cluster.nNodes }, (_, index) => agentPod(cluster, index)),
    ...domains.filter((_, index) => world.domains[index]?.clusters.includes(cluster.name)),
    ...cluster.workloads.flatMap((workload) => workloadObjects(cluster, workload)),
    ...cluster.workloads.flatMap((workload) => membershipObjects(workload)),
  ];
  return world.programmed ? [...objects, ...programmedObjects(world, cluster)] : objects;
}

function domainObject(domain: WorldDomain): KubernetesObject {
  const slices = new Map<string, Cidr[]>();
  for (const prefix of domain.prefixes as Cidr[]) {
    const taken: Cidr[] = [];
    for (const cluster of domain.clusters) {
      const slice = nextSlice(prefix, taken, domain.clusters.length);
      if (slice === undefined) throw new Error(`no slice of ${prefix} is left`);
      taken.push(slice);
      slices.set(cluster, [...(slices.get(cluster) ?? []), slice]);
    }
  }
  const spec = zDomainSpec.parse({
    prefixes: domain.prefixes,
    clusters: domain.clusters.map((name) => ({ name, slices: slices.get(name) })),
    home: domain.clusters[0],
    dnsName: `${domain.name}.flatland`,
    allowedNamespaces: domain.allowedNamespaces ?? ['*'],
    owner: 'harbor.example',
  });
  const manifest = domainManifest(domain.name, spec);
  return {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      uid: `domain-${domain.name}`,
      resourceVersion: '1',
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
  };
}

function kubeadmConfig(): KubernetesObject {
  const configuration = 'networking:\n  podSubnet: 10.244.0.0/16\n  serviceSubnet: 10.96.0.0/12\n';
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kubeadm-config', namespace: 'kube-system' },
    data: { ClusterConfiguration: configuration },
  };
}

function nodeObject(cluster: WorldCluster, index: number): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: nodeName(cluster, index), uid: `node-${nodeName(cluster, index)}` },
    spec: { podCIDRs: [`10.244.${index}.0/24`] },
    status: {
      addresses: [{ type: 'InternalIP', address: `192.0.2.${index + 1}` }],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}

function agentPod(cluster: WorldCluster, index: number): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `flatland-agent-${index}`,
      namespace: SYSTEM_NAMESPACE,
      uid: `agent-${cluster.name}-${index}`,
      labels: { 'app.kubernetes.io/name': 'flatland-agent' },
    },
    spec: { nodeName: nodeName(cluster, index), hostNetwork: true },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

function workloadObjects(cluster: WorldCluster, workload: WorldWorkload): KubernetesObject[] {
  const kind = workload.kind ?? 'Deployment';
  const labels = workload.labels ?? { app: workload.name };
  const { namespace, name } = workload;
  const pods = instances(workload).map((pod, index) => podObject(cluster, workload, { name: pod, index }));
  if (kind === 'Pod') return pods;
  const controller: KubernetesObject = {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace, uid: `${cluster.name}-${kind}-${namespace}-${name}` },
    spec: {
      replicas: workload.replicas ?? 1,
      template: { metadata: { labels }, spec: { ...(workload.hostNetwork && { hostNetwork: true }) } },
    },
    status: { desiredNumberScheduled: workload.replicas ?? 1 },
  };
  if (kind !== 'Deployment') return [controller, ...pods];
  const replicaSet: KubernetesObject = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${name}-rs`,
      namespace,
      uid: `${cluster.name}-rs-${namespace}-${name}`,
      ownerReferences: [owner('Deployment', name, controller.metadata.uid)],
    },
    spec: {},
  };
  return [controller, replicaSet, ...pods];
}

function podObject(
  cluster: WorldCluster,
  workload: WorldWorkload,
  pod: { name: string; index: number },
): KubernetesObject {
  const kind = workload.kind ?? 'Deployment';
  const { namespace, name } = workload;
  const ownerReference =
    kind === 'Pod'
      ? []
      : kind === 'Deployment'
        ? [owner('ReplicaSet', `${name}-rs`, `${cluster.name}-rs-${namespace}-${name}`)]
        : [owner(kind, name, `${cluster.name}-${kind}-${namespace}-${name}`)];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: pod.name,
      namespace,
      uid: podUid(cluster, workload, pod.name),
      labels: { ...(workload.labels ?? { app: name }) },
      ownerReferences: ownerReference,
    },
    spec: {
      nodeName: nodeName(cluster, pod.index % cluster.nNodes),
      ...(workload.hostNetwork && { hostNetwork: true }),
    },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      podIPs: [{ ip: `10.244.${pod.index % cluster.nNodes}.${10 + pod.index}` }],
    },
  };
}

function membershipObjects(workload: WorldWorkload): KubernetesObject[] {
  return (workload.domains ?? []).map((domain, index) => {
    const manifest = membershipManifest({
      domain,
      namespace: workload.namespace,
      kind: workload.kind ?? 'Deployment',
      name: workload.name,
    });
    return {
      ...manifest,
      metadata: {
        ...manifest.metadata,
        uid: `m-${domain}-${workload.namespace}-${workload.name}`,
        resourceVersion: '1',
        creationTimestamp: `2026-01-01T00:00:0${index}Z`,
      },
    };
  });
}

function programmedObjects(world: World, cluster: WorldCluster): KubernetesObject[] {
  const spanning = world.domains.filter((domain) => domain.clusters.includes(cluster.name));
  return spanning.flatMap((domain) => [
    ...sliceObjects(world, cluster, domain),
    ...world.clusters
      .filter((other) => other.name !== cluster.name && domain.clusters.includes(other.name))
      .map((other) => remoteSlice(world, other, domain)),
  ]);
}

function sliceObjects(world: World, cluster: WorldCluster, domain: WorldDomain): KubernetesObject[] {
  return Array.from({ length: cluster.nNodes }, (_, index) => {
    const node = nodeName(cluster, index);
    const metadata = { name: `${domain.name}.${node}`, uid: `${domain.name}.${node}` };
    return [
      {
        apiVersion: FLATLAND_API_VERSION,
        kind: 'NodePeer',
        metadata,
        spec: peerSpec(world, cluster, domain, index),
      },
      {
        apiVersion: FLATLAND_API_VERSION,
        kind: 'MemberSlice',
        metadata,
        spec: memberSpec(world, cluster, domain, index),
      },
    ];
  }).flat();
}

function remoteSlice(world: World, origin: WorldCluster, domain: WorldDomain): KubernetesObject {
  const nodes = Array.from({ length: origin.nNodes }, (_, index) => index);
  return {
    apiVersion: FLATLAND_API_VERSION,
    kind: 'RemoteSlice',
    metadata: { name: `${origin.name}.${domain.name}` },
    spec: {
      origin: { cluster: origin.name, uid: `${origin.name}-ns-kube-system`, epoch: 1 },
      domain: domain.name,
      payloadVersion: 1,
      peers: nodes.map((index) => peerSpec(world, origin, domain, index)),
      members: nodes.map((index) => memberSpec(world, origin, domain, index)),
    },
  };
}

function peerSpec(world: World, cluster: WorldCluster, domain: WorldDomain, node: number) {
  return {
    domain: domain.name,
    node: nodeName(cluster, node),
    publicKey: PUBLIC_KEY,
    candidates: [{ address: `192.0.2.${node + 1}`, port: 51_820, source: 'interface' }],
    via: [],
    behindNat: false,
    blocks: blocksOf(cluster, domain, node),
    routerAddresses: [],
    underlayMtuBytes: 1500,
    protocolVersions: [1],
  };
}

function memberSpec(world: World, cluster: WorldCluster, domain: WorldDomain, node: number) {
  let next = 1n;
  const members = cluster.workloads
    .filter((workload) => workload.domains?.includes(domain.name) && !workload.hostNetwork)
    .flatMap((workload) =>
      instances(workload).flatMap((pod, index) => {
        if (index % cluster.nNodes !== node) return [];
        const addresses = blocksOf(cluster, domain, node).map((block) => addressAt(block, next));
        next++;
        return [
          {
            pod: { namespace: workload.namespace, name: pod, uid: podUid(cluster, workload, pod) },
            workload: { kind: workload.kind ?? 'Deployment', name: workload.name },
            addresses,
            dnsNames: [`${workload.name}.${workload.namespace}.${domain.name}.flatland`],
            identity: `spiffe://harbor.example/ns/${workload.namespace}/sa/default`,
          },
        ];
      }),
    );
  return { domain: domain.name, node: nodeName(cluster, node), members, refused: [] };
}

function blocksOf(cluster: WorldCluster, domain: WorldDomain, node: number): Cidr[] {
  const index = domain.clusters.indexOf(cluster.name);
  return (domain.prefixes as Cidr[]).flatMap((prefix) => {
    const slice = subnetAt(prefix, cidrFamily(prefix) === 4 ? 20 : 52, BigInt(index));
    const block = slice && subnetAt(slice, cidrFamily(prefix) === 4 ? 28 : 124, BigInt(node));
    return block ? [block] : [];
  });
}

function instances(workload: WorldWorkload): string[] {
  return workload.kind === 'Pod'
    ? [workload.name]
    : Array.from({ length: workload.replicas ?? 1 }, (_, index) => `${workload.name}-${index}`);
}

function podUid(cluster: WorldCluster, workload: WorldWorkload, pod: string): string {
  return `${cluster.name}-${workload.namespace}-${pod}`;
}

function nodeName(cluster: WorldCluster, index: number): string {
  return `${cluster.name}-${index}`;
}

function owner(kind: string, name: string, uid: string | undefined) {
  return { apiVersion: 'apps/v1', kind, name, uid: uid ?? '', controller: true };
}
