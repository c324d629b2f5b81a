import type { ElementKey } from '../model/element-key.ts';
import type { GraphModel, GraphNode } from '../model/graph-model.ts';

/** The part of a graph that layouts look at. */
export interface LayoutGraph {
  /** Top-level groups (clusters), each with its leaves; sorted. */
  readonly groups: readonly { readonly key: ElementKey; readonly leaves: readonly LayoutLeaf[] }[];
  /** Hubs, sorted. */
  readonly hubs: readonly ElementKey[];
  /** Hubs that a leaf is connected to. */
  readonly hubsOf: ReadonlyMap<ElementKey, readonly ElementKey[]>;
}

export interface LayoutLeaf {
  readonly key: ElementKey;
  readonly node: GraphNode;
  /** Key of the namespace's frame that it lies in, where there is one. */
  readonly namespace?: ElementKey;
}

/** Reduces a model to what layouts need. */
export function layoutGraph(model: GraphModel): LayoutGraph {
  const parents = new Set([...model.nodes.values()].flatMap((node) => node.parent ?? []));
  const top = (node: GraphNode): ElementKey => {
    const parent = node.parent === undefined ? undefined : model.nodes.get(node.parent);
    return parent ? top(parent) : node.key;
  };
  const leaves = new Map<ElementKey, LayoutLeaf[]>();
  const hubs: ElementKey[] = [];
  for (const node of model.nodes.values()) {
    if (node.type === 'domain') hubs.push(node.key);
    else if (node.type === 'cluster') leaves.set(node.key, leaves.get(node.key) ?? []);
    else if (node.type !== 'mesh' && !parents.has(node.key)) {
      const key = top(node);
      const namespace = node.parent?.startsWith('namespace:') ? { namespace: node.parent } : {};
      leaves.set(key, [...(leaves.get(key) ?? []), { key: node.key, node, ...namespace }]);
    }
  }
  const hubsOf = new Map<ElementKey, ElementKey[]>();
  for (const edge of model.edges.values())
    if (edge.type === 'member' || edge.type === 'counted')
      hubsOf.set(edge.source, [...(hubsOf.get(edge.source) ?? []), edge.target]);
  return {
    groups: [...leaves].map(([key, group]) => ({ key, leaves: group })),
    hubs,
    hubsOf,
  };
}
