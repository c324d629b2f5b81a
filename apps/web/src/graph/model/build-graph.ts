import {
  countedEdges,
  enrolEdges,
  foldedGroup,
  memberEdges,
  spanEdges,
  trafficEdges,
  tunnelEdges,
} from './build-edges.ts';
import {
  clusterNodes,
  hubNodes,
  machineNodes,
  meshNodes,
  namespaceNodes,
  workloadNode,
} from './build-nodes.ts';
import { driftMarks, driftOf, type DriftMarks } from './drift-marks.ts';
import { keyOf, type ElementKey } from './element-key.ts';
import { filterWorkloads } from './filter-workloads.ts';
import type { GraphInput } from './graph-input.ts';
import type { GraphEdge, GraphModel, GraphNode } from './graph-model.ts';
import { groupProbes } from './member-state.ts';

/** What the map draws of a topology, its staged changes and what is known of packets; sorted by key. */
export function buildGraph(input: GraphInput): GraphModel {
  const probes = groupProbes(input.probes);
  const marks = driftMarks(input.drifted, input.topology);
  const { shown, hidden } = filterWorkloads(input.topology, input.staged, probes, input.options.filter);
  const nodes: GraphNode[] = [...clusterNodes(input, shown)];
  const edges: GraphEdge[] = [];
  if (input.options.lens === 'infrastructure') {
    nodes.push(...machineNodes(input));
    edges.push(...tunnelEdges(input));
    return { nodes: byKey(marked(nodes, marks)), edges: existing(edges, nodes), hidden };
  }
  const folded = foldedGroup(input, shown);
  if (input.options.groupNamespaces) nodes.push(...namespaceNodes(input, shown));
  for (const workload of shown)
    if (folded(keyOf({ type: 'workload', id: workload.id })) === undefined)
      nodes.push(workloadNode(input, workload));
  nodes.push(...hubNodes(input), ...meshNodes(input));
  const members = memberEdges(input, shown, probes, marks);
  if (input.options.lens === 'traffic') edges.push(...trafficEdges(input, shown));
  edges.push(
    ...members.filter((edge) => folded(edge.source) === undefined),
    ...countedEdges(input, members, folded),
    ...countedEdges(input, members, clusterGroup(input)),
    ...spanEdges(input),
    ...enrolEdges(input),
  );
  return { nodes: byKey(marked(nodes, marks)), edges: existing(edges, nodes), hidden };
}

/** Nodes with what drifted of them; a cluster, and a folded namespace, also say what they hide. */
function marked(nodes: readonly GraphNode[], marks: DriftMarks): GraphNode[] {
  const within = (type: 'cluster' | 'namespace', key: ElementKey) =>
    [...marks].filter(([at]) => at.startsWith(`workload:${key.slice(type.length + 1)}/`));
  return nodes.map((node) => {
    if (node.type === 'namespace') {
      const objects = new Set(within('namespace', node.key).flatMap(([, list]) => list));
      return objects.size === 0 || !node.folded ? node : { ...node, drifted: objects.size };
    }
    const own = driftOf(marks, node.key);
    const hides = node.type === 'cluster' && within('cluster', node.key).length > 0;
    return { ...node, ...own, ...(hides && { driftedWithin: true as const }) };
  });
}

function clusterGroup(input: GraphInput): (workload: ElementKey) => ElementKey | undefined {
  return (key) => {
    const workload = input.topology.workloads[key.slice('workload:'.length)];
    return workload && keyOf({ type: 'cluster', id: workload.cluster });
  };
}

/** Edges whose two ends are drawn. */
function existing(edges: readonly GraphEdge[], nodes: readonly GraphNode[]): Map<ElementKey, GraphEdge> {
  const keys = new Set(nodes.map((node) => node.key));
  return byKey(edges.filter((edge) => keys.has(edge.source) && keys.has(edge.target)));
}

function byKey<T extends { readonly key: ElementKey }>(items: readonly T[]): Map<ElementKey, T> {
  return new Map(
    items.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map((item) => [item.key, item]),
  );
}
