import { clusterFacts, type ClusterFacts } from './facts/cluster-facts.ts';
import { clusterRanges } from './facts/cluster-ranges.ts';
import { memoized } from './facts/memoized.ts';
import { workloadFacts } from './facts/workload-facts.ts';
import { clusterMemberships } from './cluster-memberships.ts';
import { clusterView, nodeViews } from './cluster-views.ts';
import { domainViews } from './domain-views.ts';
import { workloadId } from './ids.ts';
import type { ClusterSnapshot, Snapshot } from './snapshot.ts';
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
  const parts = snapshot.clusters.toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1)).map(clusterPart);
  const workloads = parts.flatMap((part) => part.workloads);
  const broken = parts.flatMap((part) => part.facts.broken);
  return {
    clusters: keyed(parts.map((part) => part.cluster)),
    nodes: keyed(parts.flatMap((part) => part.nodes)),
    workloads: keyed(workloads),
    domains: keyed(
      domainViews(
        parts.map((part) => part.facts),
        workloads,
      ),
    ),
    memberships: keyed(parts.flatMap((part) => part.memberships)),
    meshes: keyed(parts.flatMap((part) => part.meshes)),
    broken: Object.fromEntries(
      broken.map((entry) => [brokenId(entry), entry] as const).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
  };
}

/** What one cluster adds; computed once for each snapshot of it, so that a rebuild costs the clusters that changed. */
interface ClusterPart {
  readonly facts: ClusterFacts;
  readonly cluster: ClusterView;
  readonly nodes: readonly NodeView[];
  readonly workloads: readonly WorkloadView[];
  readonly memberships: readonly MembershipView[];
  readonly meshes: readonly MeshView[];
}

const clusterPart = memoized((snapshot: ClusterSnapshot): ClusterPart => {
  const facts = clusterFacts(snapshot);
  const ranges = clusterRanges(facts.byKind);
  const workloads = workloadFacts(facts.byKind, facts.pods);
  const memberships = clusterMemberships(facts, workloads, ranges);
  return {
    facts,
    cluster: clusterView(facts, ranges),
    nodes: nodeViews(facts),
    workloads: workloadViews(facts, workloads, memberships.byWorkload),
    memberships: memberships.views,
    meshes: meshViews(facts),
  };
});

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
