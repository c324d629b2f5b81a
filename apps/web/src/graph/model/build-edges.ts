import type { WorkloadView } from '@flatland/shared/topology/topology';
import { keyOf, memberKey, type ElementKey } from './element-key.ts';
import { markOf, namespaceKey } from './build-nodes.ts';
import { driftOf, type DriftMarks } from './drift-marks.ts';
import type { GraphInput } from './graph-input.ts';
import type {
  CountedEdge,
  EnrolEdge,
  MemberEdge,
  MemberState,
  SpanEdge,
  TrafficEdge,
  TunnelEdge,
} from './graph-model.ts';
import { memberState, type ProbesOf } from './member-state.ts';

/** Traffic that was seen longer ago than this is stale. */
const STALE_AFTER_MS = 60_000;

/** Memberships as they are, with what is staged. */
export function memberEdges(
  input: GraphInput,
  shown: readonly WorkloadView[],
  probes: ProbesOf,
  marks: DriftMarks,
): MemberEdge[] {
  const adds = new Set(input.staged.joins.map((change) => memberKey(change.workload, change.domain)));
  const removes = new Set(input.staged.leaves.map((change) => memberKey(change.workload, change.domain)));
  const edges: MemberEdge[] = [];
  for (const workload of shown) {
    const joined = new Set<string>(workload.domains.map((entry) => entry.domain));
    const staged = input.staged.joins
      .filter((change) => change.workload === workload.id)
      .map((change) => change.domain);
    for (const domain of [...new Set([...joined, ...staged])].toSorted()) {
      if (!input.hues.has(domain)) continue;
      const key = memberKey(workload.id, domain);
      const state: MemberState =
        adds.has(key) && !counts(workload, domain)
          ? { kind: 'staged-add' }
          : removes.has(key)
            ? { kind: 'staged-remove' }
            : memberState(workload, domain, probes);
      edges.push({
        type: 'member',
        key,
        source: keyOf({ type: 'workload', id: workload.id }),
        target: keyOf({ type: 'domain', id: domain }),
        mark: markOf(input, domain),
        state,
        ...driftOf(marks, key),
      });
    }
  }
  return edges;
}

/** One edge for all memberships of a cluster, or of a folded namespace, in a domain. */
export function countedEdges(
  input: GraphInput,
  members: readonly MemberEdge[],
  groupOf: (workload: ElementKey) => ElementKey | undefined,
): CountedEdge[] {
  const groups = new Map<ElementKey, CountedEdge>();
  for (const member of members) {
    const group = groupOf(member.source);
    if (group === undefined) continue;
    const key = `counted:${group}|${member.mark.name}`;
    const sum = groups.get(key);
    groups.set(key, {
      type: 'counted',
      key,
      source: group,
      target: member.target,
      mark: member.mark,
      count: (sum?.count ?? 0) + 1,
      staged: (sum?.staged ?? false) || member.state.kind.startsWith('staged'),
      failed: (sum?.failed ?? false) || member.state.kind === 'failed' || member.state.kind === 'disagrees',
      ...((sum?.drifted || member.drifted !== undefined) && { drifted: true }),
    });
  }
  return [...groups.values()];
}

/** Clusters that a staged change brings into a domain, or takes out of it. */
export function spanEdges(input: GraphInput): SpanEdge[] {
  const edge = (cluster: string, domain: string, staged: 'add' | 'remove'): SpanEdge => ({
    type: 'span',
    key: `span:${cluster}|${domain}`,
    source: keyOf({ type: 'cluster', id: cluster }),
    target: keyOf({ type: 'domain', id: domain }),
    mark: markOf(input, domain),
    staged,
  });
  return [
    ...input.staged.spans.map((change) => edge(change.cluster, change.domain, 'add')),
    ...input.staged.unspans.map((change) => edge(change.cluster, change.domain, 'remove')),
    ...input.staged.newDomains.flatMap((domain) =>
      domain.clusters.map((cluster) => edge(cluster, domain.name, 'add')),
    ),
  ];
}

/** Staged enrolments in meshes. */
export function enrolEdges(input: GraphInput): EnrolEdge[] {
  return input.staged.enrols.map((change) => ({
    type: 'enrol',
    key: `enrol:${change.workload}|${change.mesh}`,
    source: keyOf({ type: 'workload', id: change.workload }),
    target: keyOf({ type: 'mesh', id: change.mesh }),
    staged: true,
  }));
}

/** What workloads say to each other, and pairs that should reach each other and do not. */
export function trafficEdges(input: GraphInput, shown: readonly WorkloadView[]): TrafficEdge[] {
  const ids = new Set(shown.map((workload) => workload.id));
  const edges = new Map<ElementKey, TrafficEdge>();
  for (const flow of input.flows) {
    if (!ids.has(flow.from) || !ids.has(flow.to)) continue;
    const key = `traffic:${flow.from}>${flow.to}|${flow.domain}`;
    edges.set(key, {
      type: 'traffic',
      key,
      source: keyOf({ type: 'workload', id: flow.from }),
      target: keyOf({ type: 'workload', id: flow.to }),
      mark: markOf(input, flow.domain),
      bytesPerSecond: flow.bytesPerSecond,
      state: input.nowMs - flow.lastSeenMs > STALE_AFTER_MS ? 'stale' : 'live',
    });
  }
  for (const probe of input.probes) {
    if (probe.verdict.answer !== 'yes' || probe.result.echoed) continue;
    if (!ids.has(probe.from) || !ids.has(probe.to)) continue;
    const domain = probe.domain ?? '';
    const key = `traffic:${probe.from}>${probe.to}|${domain}`;
    edges.set(key, {
      type: 'traffic',
      key,
      source: keyOf({ type: 'workload', id: probe.from }),
      target: keyOf({ type: 'workload', id: probe.to }),
      mark: markOf(input, domain),
      bytesPerSecond: 0,
      state: 'denied',
      code: probe.result.reason ?? 'probe-timeout',
    });
  }
  return [...edges.values()];
}

/** One tunnel for each pair of nodes and domain, as the side that sees it worse reports it. */
export function tunnelEdges(input: GraphInput): TunnelEdge[] {
  const edges = new Map<ElementKey, TunnelEdge>();
  for (const report of input.reports)
    for (const domain of report.domains)
      for (const peer of domain.peers) {
        const near = keyOf({ type: 'node', id: `${report.cluster}/${report.node}` });
        const far = keyOf({ type: 'node', id: `${peer.cluster}/${peer.node}` });
        const [source, target] = near < far ? [near, far] : [far, near];
        const key = `tunnel:${source}>${target}|${domain.domain}`;
        if (edges.get(key)?.up === false) continue;
        edges.set(key, {
          type: 'tunnel',
          key,
          source,
          target,
          mark: markOf(input, domain.domain),
          up: peer.up,
          path: peer.path,
        });
      }
  return [...edges.values()];
}

/** Groups of workloads that a folded namespace stands for. */
export function foldedGroup(
  input: GraphInput,
  shown: readonly WorkloadView[],
): (workload: ElementKey) => ElementKey | undefined {
  const groups = new Map<ElementKey, ElementKey>();
  if (input.options.groupNamespaces)
    for (const workload of shown) {
      const group = namespaceKey(workload);
      if (input.options.folded.has(group)) groups.set(keyOf({ type: 'workload', id: workload.id }), group);
    }
  return (workload) => groups.get(workload);
}

function counts(workload: WorkloadView, domain: string): boolean {
  return workload.domains.some((entry) => entry.domain === domain && entry.counts);
}
