import { clusterFacts, type ClusterFacts } from './facts/cluster-facts.ts';
import { clusterRanges } from './facts/cluster-ranges.ts';
import { workloadFacts } from './facts/workload-facts.ts';
import { clusterMemberships } from './cluster-memberships.ts';
import { clusterView, nodeViews } from './cluster-views.ts';
import { domainViews } from './domain-views.ts';
import { workloadId } from './ids.ts';
import type { Snapshot } from './snapshot.ts';
import type {
  BrokenObject,
  ClusterView,
  MembershipView,
  MeshView,
  NodeView,
  Topology,
  WorkloadView,
} from './topology.ts';
import { workloadViews } from './workload-views.ts';

/**
 * Who runs where and who is a member of what, from the clusters' objects. Objects that cannot be read
 * go to `broken` and harm nothing else; the order of the input does not matter.
 */
export function buildTopology(snapshot: Snapshot): Topology {
  const clusters: ClusterView[] = [];
  const nodes: NodeView[] = [];
  const workloads: WorkloadView[] = [];
  const memberships: MembershipView[] = [];
  const meshes: MeshView[] = [];
  const broken: BrokenObject[] = [];
  const all = snapshot.clusters.toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1)).map(clusterFacts);
  for (const facts of all) {
    const ranges = clusterRanges(facts.byKind);
    const found = workloadFacts(facts.byKind, facts.pods);
    const membership = clusterMemberships(facts, found, ranges);
    clusters.push(clusterView(facts, ranges));
    nodes.push(...nodeViews(facts));
    for (const view of workloadViews(facts, found, membership.byWorkload)) workloads.push(view);
    for (const view of membership.views) memberships.push(view);
    meshes.push(...meshViews(facts));
    broken.push(...facts.broken);
  }
  return {
    clusters: keyed(clusters),
    nodes: keyed(nodes),
    workloads: keyed(workloads),
    domains: keyed(domainViews(all, workloads)),
    memberships: keyed(memberships),
    meshes: keyed(meshes),
    broken: Object.fromEntries(
      broken.map((entry) => [brokenId(entry), entry] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
  };
}

function meshViews(facts: ClusterFacts): MeshView[] {
  const { cluster } = facts.snapshot;
  return facts.meshes.map(({ metadata, spec, status }) => ({
    id: `${cluster}/${metadata.name}`,
    cluster,
    name: metadata.name,
    kind: spec.kind,
    version: spec.version,
    domain: spec.domain,
    controlPlane: workloadId(spec.controlPlane),
    intercepts: spec.intercepts,
    enrolled: spec.enrolled.map(workloadId).toSorted(),
    conditions: status?.conditions ?? [],
  }));
}

function keyed<View extends { readonly id: string }>(views: readonly View[]): Record<string, View> {
  return Object.fromEntries(
    views.map((view) => [view.id, view] as const).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  );
}

function brokenId(entry: BrokenObject): string {
  const { cluster, kind, namespace, name } = entry.object;
  return [cluster, kind, namespace ?? '', name].join('/');
}
