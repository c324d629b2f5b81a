import { REASONS } from '@flatland/shared/reason/reasons';
import { driftText } from '../../graph/model/drift-marks.ts';
import type { GraphModel, GraphNode, MemberEdge, MeshState } from '../../graph/model/graph-model.ts';
import { proofText } from '../../graph/model/proof-text.ts';
import { plural } from '../../lib/format.ts';

/** An element in words: what a screen reader says when it is reached. */
export function describeElement(key: string, model: GraphModel): string {
  const node = model.nodes.get(key);
  if (node) return `${describeNode(node)}${describeDrift(node)}`;
  const edge = model.edges.get(key);
  return edge?.type === 'member' ? `${describeMember(edge, model)}${describeDrift(edge)}` : key;
}

/** State of a membership, in a few words. */
export function memberStateText(state: MemberEdge['state']): string {
  switch (state.kind) {
    case 'staged-add':
      return 'staged: joins';
    case 'staged-remove':
      return 'staged: leaves';
    case 'programming':
      return `being programmed, ${state.programmed} of ${state.instances}`;
    case 'member':
      return 'member, not probed';
    case 'proved':
      return proofText(state);
    case 'disagrees':
      return `packets disagree: ${REASONS[state.code].title}`;
    case 'failed':
      return `failed: ${REASONS[state.code].title}`;
  }
}

function describeNode(node: GraphNode): string {
  switch (node.type) {
    case 'cluster':
      return `Cluster ${node.label}, ${plural(node.nWorkloads, 'workload')}, pods ${node.podRange}${node.nSharing > 0 ? `, the same range as ${plural(node.nSharing, 'other')}` : ''}${node.reachable ? '' : ', unreachable'}`;
    case 'namespace':
      return `Namespace ${node.label}, ${plural(node.nWorkloads, 'workload')}${node.folded ? ', folded' : ''}`;
    case 'workload':
      return `${node.kind} ${node.label}, ${node.ready} of ${node.desired} ready, ${node.domains.length === 0 ? 'in no domain' : `in ${node.domains.map((mark) => mark.name).join(' and ')}`}`;
    case 'domain':
      return `Domain ${node.label}, ${node.prefix}, ${plural(node.memberCount, 'member')}${node.clash ? `, same prefix as ${node.clash}` : ''}`;
    case 'mesh':
      return `Mesh ${node.label} on ${node.domain}, ${meshStateText(node.state)}`;
    case 'node':
      return `Node ${node.label}, ${node.ready ? 'ready' : 'not ready'}${node.hasAgent ? '' : ', no agent'}`;
  }
}

function describeDrift({ drifted }: { readonly drifted?: number }): string {
  return drifted === undefined ? '' : `, ${driftText(drifted)}`;
}

function describeMember(edge: MemberEdge, model: GraphModel): string {
  const workload = model.nodes.get(edge.source)?.label ?? edge.source;
  return `${workload} in ${edge.mark.name}, ${memberStateText(edge.state)}`;
}

/** What is known of a mesh, in words. */
export function meshStateText(state: MeshState): string {
  return { ready: 'ready', 'not-ready': 'not ready', unknown: 'not checked' }[state];
}
