import { cidrsOverlap } from '@flatland/shared/address/arithmetic';
import type { Cidr } from '@flatland/shared/address/cidr';
import type { DomainView, MeshView, WorkloadView } from '@flatland/shared/topology/topology';
import { projectedDomain } from '../../staging/project-topology.ts';
import { keyOf, type ElementKey } from './element-key.ts';
import type { GraphInput } from './graph-input.ts';
import type {
  MeshState,
  ClusterNode,
  DomainMark,
  Health,
  HubNode,
  MachineNode,
  MeshNode,
  NamespaceNode,
  WorkloadNode,
} from './graph-model.ts';

/** Look of a domain, also of one that is gone. */
export function markOf(input: GraphInput, name: string): DomainMark {
  return { name, hue: input.hues.get(name) ?? { slot: 0, patterned: true, letters: name.slice(0, 2) } };
}

/** Clusters, whose equal pod ranges are the problem that the map shows. */
export function clusterNodes(input: GraphInput, shown: readonly WorkloadView[]): ClusterNode[] {
  const clusters = Object.values(input.topology.clusters);
  const nodes = Object.values(input.topology.nodes);
  return clusters.map((cluster) => {
    const range = cluster.ranges.pods[0];
    const sharing = clusters.filter(
      (other) =>
        other.id !== cluster.id && other.ranges.pods.some((pods) => range && cidrsOverlap(pods, range)),
    );
    return {
      type: 'cluster',
      key: keyOf({ type: 'cluster', id: cluster.id }),
      label: cluster.id,
      podRange: range ?? '',
      nSharing: sharing.length,
      reachable: cluster.reachable,
      lastSeenMs: cluster.lastSeenMs,
      readOnly: cluster.readOnly,
      nWorkloads: shown.filter((workload) => workload.cluster === cluster.id).length,
      nAgents: nodes.filter((node) => node.cluster === cluster.id && node.hasAgent).length,
    };
  });
}

/** Namespaces as compounds, or as one node each where folded. */
export function namespaceNodes(input: GraphInput, shown: readonly WorkloadView[]): NamespaceNode[] {
  const groups = new Map<ElementKey, WorkloadView[]>();
  for (const workload of shown) {
    const key = namespaceKey(workload);
    groups.set(key, [...(groups.get(key) ?? []), workload]);
  }
  return [...groups].map(([key, workloads]) => {
    const domains = new Set(workloads.flatMap((workload) => workload.domains.map((entry) => entry.domain)));
    return {
      type: 'namespace',
      key,
      label: workloads[0]?.namespace ?? '',
      parent: keyOf({ type: 'cluster', id: workloads[0]?.cluster ?? '' }),
      folded: input.options.folded.has(key),
      nWorkloads: workloads.length,
      domains: [...domains].toSorted().map((name) => markOf(input, name)),
    };
  });
}

/** Key of the namespace that a workload is in. */
export function namespaceKey(workload: WorkloadView): ElementKey {
  return keyOf({ type: 'namespace', id: `${workload.cluster}/${workload.namespace}` });
}

/** One workload; its domains are those whose Memberships count, and those staged. */
export function workloadNode(input: GraphInput, workload: WorkloadView): WorkloadNode {
  const joining = input.staged.joins.filter((change) => change.workload === workload.id);
  const leaving = input.staged.leaves.filter((change) => change.workload === workload.id);
  const domains = new Set<string>([
    ...workload.domains.filter((entry) => entry.counts).map((entry) => entry.domain),
    ...joining.map((change) => change.domain),
  ]);
  for (const { domain } of leaving) domains.delete(domain);
  const names = [...domains].toSorted();
  const members = workload.instances.flatMap((instance) => instance.members);
  const { ready, desired } = workload.replicas;
  return {
    type: 'workload',
    key: keyOf({ type: 'workload', id: workload.id }),
    label: workload.name,
    parent: input.options.groupNamespaces
      ? namespaceKey(workload)
      : keyOf({ type: 'cluster', id: workload.cluster }),
    namespace: workload.namespace,
    kind: workload.kind,
    ready,
    desired,
    health: healthOf(ready, desired),
    hostNetwork: workload.hostNetwork,
    domains: names.map((name) => markOf(input, name)),
    joining: joining
      .map((change) => change.domain)
      .filter((name) => !workload.domains.some((entry) => entry.domain === name && entry.counts))
      .toSorted(),
    addresses: names.flatMap(
      (name) => members.find((member) => member.domain === name)?.addresses.slice(0, 1) ?? [],
    ),
    meshes: Object.values(input.topology.meshes)
      .filter((mesh) => mesh.enrolled.includes(workload.id) || mesh.controlPlane === workload.id)
      .map((mesh) => mesh.kind)
      .toSorted(),
  };
}

/** Hubs of the domains that are there and of those staged. */
export function hubNodes(input: GraphInput): HubNode[] {
  const { topology, staged } = input;
  const made = staged.newDomains.filter((domain) => !Object.hasOwn(topology.domains, domain.name));
  const all: DomainView[] = [...Object.values(topology.domains), ...made.map(projectedDomain)];
  return all
    .map((domain): HubNode => {
      const warning = domain.conditions.find((condition) => condition.status === 'False');
      const clash = all.find((other) => other.id !== domain.id && overlap(domain, other));
      const isNew = made.some((other) => other.name === domain.id);
      const goes = staged.deletedDomains.includes(domain.id);
      return {
        type: 'domain',
        key: keyOf({ type: 'domain', id: domain.id }),
        label: domain.id,
        mark: markOf(input, domain.id),
        prefix: domain.prefixes[0] ?? 'prefix from the pool',
        memberCount: domain.memberCount,
        ...(isNew ? { staged: 'add' } : goes ? { staged: 'remove' } : {}),
        ...(warning ? { warning: warning.reason } : {}),
        ...(clash ? { clash: clash.id } : {}),
      };
    })
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** Whether a mesh works, as its Ready condition says. */
export function meshState(mesh: MeshView): MeshState {
  const ready = mesh.conditions.find((condition) => condition.type === 'Ready');
  if (ready === undefined || ready.status === 'Unknown') return 'unknown';
  return ready.status === 'True' ? 'ready' : 'not-ready';
}

/** Meshes, each a pill on the hub of its domain. */
export function meshNodes(input: GraphInput): MeshNode[] {
  return Object.values(input.topology.meshes).map((mesh) => ({
    type: 'mesh',
    key: keyOf({ type: 'mesh', id: mesh.id }),
    label: mesh.name,
    kind: mesh.kind,
    domain: input.staged.binds.find((bind) => bind.mesh === mesh.id)?.domain ?? mesh.domain,
    state: meshState(mesh),
  }));
}

/** Nodes of clusters, for the lens that shows infrastructure. */
export function machineNodes(input: GraphInput): MachineNode[] {
  const instances = Object.values(input.topology.workloads).flatMap((workload) =>
    workload.instances.map((instance) => `${workload.cluster}/${instance.node}`),
  );
  return Object.values(input.topology.nodes).map((node) => ({
    type: 'node',
    key: keyOf({ type: 'node', id: node.id }),
    label: node.name,
    parent: keyOf({ type: 'cluster', id: node.cluster }),
    ready: node.ready,
    schedulable: node.schedulable,
    hasAgent: node.hasAgent,
    behindNat: node.peers.some((peer) => peer.behindNat),
    domains: node.peers.map((peer) => markOf(input, peer.domain)),
    nInstances: instances.filter((id) => id === node.id).length,
  }));
}

function healthOf(ready: number, desired: number): Health {
  if (desired === 0) return 'idle';
  if (ready >= desired) return 'ready';
  return ready === 0 ? 'failing' : 'degraded';
}

function overlap(a: DomainView, b: DomainView): boolean {
  return a.prefixes.some((prefix: Cidr) => b.prefixes.some((other) => cidrsOverlap(prefix, other)));
}
