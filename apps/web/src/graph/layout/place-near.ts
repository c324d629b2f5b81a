import type { ElementKey } from '../model/element-key.ts';
import type { GraphModel, GraphNode } from '../model/graph-model.ts';
import { GAP, boxAround, boxesOverlap, sizeOf, type Box, type Point, type Positions } from './geometry.ts';
import { layoutGraph } from './layout-graph.ts';
import { ringLayout } from './ring-layout.ts';

/** A map that grew by more than this part, and that nobody arranged, is laid out anew. */
const GROWN = 0.2;

/**
 * Positions for every leaf of a model: those that are known stay, new nodes go beside their
 * neighbours. With nothing known the whole graph is laid out; so it is where nobody has `arranged` it
 * and much is new, as while clusters are still being read.
 */
export function placeAll(model: GraphModel, known: Positions, arranged = true): Map<ElementKey, Point> {
  const graph = layoutGraph(model);
  const leaves = [
    ...graph.groups.flatMap((group) =>
      group.leaves.length > 0 ? group.leaves.map((leaf) => leaf.key) : [group.key],
    ),
    ...graph.hubs,
  ];
  const missing = leaves.filter((key) => !known.has(key));
  const grown = !arranged && missing.length > Math.max(2, GROWN * leaves.length);
  if (missing.length === leaves.length || grown) return new Map(ringLayout(graph));
  const positions = new Map(leaves.flatMap((key) => (known.has(key) ? [[key, known.get(key)!]] : [])));
  if (missing.length === 0) return positions;
  const boxes = new Map<ElementKey, Box>();
  for (const [key, at] of positions) boxes.set(key, boxAround(at, sizeOf(model.nodes.get(key)!)));
  for (const key of missing) {
    const node = model.nodes.get(key)!;
    const at = freeSpot(near(model, node, positions), sizeOf(node), [...boxes.values()]);
    positions.set(key, at);
    boxes.set(key, boxAround(at, sizeOf(node)));
  }
  return positions;
}

/** Where a new node would like to be: by its siblings, else amid what it is connected to, else outside. */
function near(model: GraphModel, node: GraphNode, positions: ReadonlyMap<ElementKey, Point>): Point {
  const siblings = [...model.nodes.values()]
    .filter((other) => node.parent !== undefined && other.parent === node.parent)
    .flatMap((other) => positions.get(other.key) ?? []);
  const lowest = siblings.toSorted((a, b) => b.y - a.y)[0];
  if (lowest) return { x: lowest.x, y: lowest.y + sizeOf(node).height + GAP };
  const linked: Point[] = [];
  for (const edge of model.edges.values()) {
    const other = edge.source === node.key ? edge.target : edge.target === node.key ? edge.source : undefined;
    const at = other === undefined ? undefined : positions.get(other);
    if (at) linked.push(at);
  }
  if (node.type === 'domain') {
    const hubs = [...positions].filter(([key]) => model.nodes.get(key)?.type === 'domain');
    const last = hubs.map(([, at]) => at).toSorted((a, b) => b.y - a.y)[0];
    if (last) return { x: last.x, y: last.y + 134 };
  }
  if (linked.length > 0) return mean(linked);
  const all = [...positions.values()];
  return {
    x: Math.max(...all.map((at) => at.x)) + 2 * sizeOf(node).width,
    y: mean(all).y,
  };
}

/** The free spot nearest to a wish, on rings around it. */
function freeSpot(wish: Point, size: { width: number; height: number }, taken: readonly Box[]): Point {
  const step = { x: size.width + GAP, y: size.height + GAP };
  const free = (at: Point) => !taken.some((box) => boxesOverlap(boxAround(at, size), box, GAP / 2));
  for (let ring = 0; ring < 60; ring++)
    for (let dy = -ring; dy <= ring; dy++)
      for (let dx = -ring; dx <= ring; dx++) {
        if (Math.max(Math.abs(dx), Math.abs(dy)) !== ring) continue;
        const at = { x: wish.x + dx * step.x, y: wish.y + dy * step.y };
        if (free(at)) return at;
      }
  return wish;
}

function mean(points: readonly Point[]): Point {
  const sum = points.reduce((a, b) => ({ x: a.x + b.x, y: a.y + b.y }), { x: 0, y: 0 });
  return { x: sum.x / Math.max(1, points.length), y: sum.y / Math.max(1, points.length) };
}
