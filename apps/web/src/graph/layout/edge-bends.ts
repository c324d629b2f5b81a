import type { ElementKey } from '../model/element-key.ts';
import type { GraphEdge } from '../model/graph-model.ts';
import type { Box, Point } from './geometry.ts';

/** Room between a bent edge and what it goes around. */
const CLEARANCE = 16;
const MAX_BEND = 260;
/** Distance between edges that join the same two nodes. */
const PARALLEL_GAP = 34;
/** Traffic bows by this part of its length, so that both directions are seen. */
const TRAFFIC_BOW = 0.12;

/**
 * How far each edge's control point lies from the middle of its line, in the direction of the line
 * turned by a quarter towards growing y, as Cytoscape counts it. Edges go around hubs that are not their ends; edges between
 * the same two nodes spread. Counted edges are seen from far away, where hubs are drawn `hubTimes` their size.
 */
export function edgeBends(
  edges: Iterable<GraphEdge>,
  centers: (key: ElementKey) => Point | undefined,
  hubs: ReadonlyMap<ElementKey, Box>,
  hubTimes = 1,
): Map<ElementKey, number> {
  const bends = new Map<ElementKey, number>();
  const groups = new Map<string, GraphEdge[]>();
  for (const edge of edges) {
    const pair = [edge.source, edge.target].toSorted().join('>');
    const group = groups.get(`${edge.type} ${pair}`);
    if (group) group.push(edge);
    else groups.set(`${edge.type} ${pair}`, [edge]);
  }
  for (const group of groups.values())
    for (const [index, edge] of group.entries()) {
      const from = centers(edge.source);
      const to = centers(edge.target);
      if (from === undefined || to === undefined) continue;
      bends.set(edge.key, bendOf(edge, { from, to, index, n: group.length }, hubs, hubTimes));
    }
  return bends;
}

function bendOf(
  edge: GraphEdge,
  line: { readonly from: Point; readonly to: Point; readonly index: number; readonly n: number },
  hubs: ReadonlyMap<ElementKey, Box>,
  hubTimes: number,
): number {
  const length = Math.hypot(line.to.x - line.from.x, line.to.y - line.from.y);
  if (edge.type === 'tunnel') {
    // Sides are the source's: they must be the same for all edges of the pair.
    const spread = (line.index - (line.n - 1) / 2) * PARALLEL_GAP;
    return edge.source < edge.target ? spread : -spread;
  }
  if (edge.type === 'traffic') return Math.min(90, length * TRAFFIC_BOW) + line.index * 10;
  return aroundHubs(edge, line.from, line.to, hubs, edge.type === 'counted' ? hubTimes : 1);
}

/** The bend by which an edge clears the hub that is most in its way; 0 where none is. */
function aroundHubs(
  edge: GraphEdge,
  from: Point,
  to: Point,
  hubs: ReadonlyMap<ElementKey, Box>,
  times: number,
): number {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const length = Math.hypot(dx, dy);
  if (length < 1) return 0;
  const normal = { x: -dy / length, y: dx / length };
  let bend = 0;
  for (const [key, box] of hubs) {
    if (key === edge.source || key === edge.target) continue;
    const center = { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    const along = ((center.x - from.x) * dx + (center.y - from.y) * dy) / length ** 2;
    if (along < 0.05 || along > 0.95) continue;
    const side = (center.x - from.x) * normal.x + (center.y - from.y) * normal.y;
    const reach =
      ((Math.abs(normal.x) * box.width + Math.abs(normal.y) * box.height) / 2 + CLEARANCE) * times;
    if (Math.abs(side) >= reach) continue;
    // A quadratic curve leaves its chord by 2t(1-t) of its control point's distance.
    const away = (reach - Math.abs(side)) / Math.max(0.2, 2 * along * (1 - along));
    const wanted = (side > 0 ? -1 : 1) * Math.min(MAX_BEND * times, away);
    if (Math.abs(wanted) > Math.abs(bend)) bend = wanted;
  }
  return bend;
}

/** The control point of an edge that bends. */
export function controlPoint(from: Point, to: Point, bend: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  return {
    x: (from.x + to.x) / 2 - ((to.y - from.y) / length) * bend,
    y: (from.y + to.y) / 2 + ((to.x - from.x) / length) * bend,
  };
}

/** The point of a quadratic curve at a part of its way, from 0 to 1. */
export function pointOnCurve(curve: Curve, part: number): Point {
  const { from, to } = curve;
  const control = curve.control ?? { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  const rest = 1 - part;
  return {
    x: rest * rest * from.x + 2 * rest * part * control.x + part * part * to.x,
    y: rest * rest * from.y + 2 * rest * part * control.y + part * part * to.y,
  };
}

/** A line, or a quadratic curve where it has a control point. */
export interface Curve {
  readonly from: Point;
  readonly to: Point;
  readonly control?: Point;
}
