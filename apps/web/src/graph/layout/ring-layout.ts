import type { ElementKey } from '../model/element-key.ts';
import {
  COMPOUND_PADDING,
  GAP,
  NAMESPACE_PADDING,
  sizeOf,
  type Point,
  type Positions,
  type Size,
} from './geometry.ts';
import type { LayoutGraph, LayoutLeaf } from './layout-graph.ts';

const HUB_CELL: Size = { width: 190, height: 134 };
/** Free space between hubs and clusters, for the edges. */
const MOAT = 150;
/** Large maps are seen from far away, where hubs are drawn larger: they get room for it. */
const MAX_SPREAD = 6;
const SPREAD_FROM_LEAVES = 28;
const CLUSTER_GAP = 48;
/** How far a hub leans towards what it connects. */
const MAX_LEAN = 70;
const SIDES = ['left', 'right', 'bottom', 'top'] as const;
type Side = (typeof SIDES)[number];

/**
 * Hubs in the middle, clusters around them with their cards facing the hubs: no edge passes under a
 * card of another cluster. Deterministic, and linear in the number of elements.
 */
export function ringLayout(graph: LayoutGraph): Positions {
  const positions = new Map<ElementKey, Point>();
  const sides = dealSides(graph);
  const blocks = new Map(
    graph.groups.map((group) => [group.key, arrange(group.leaves, sides.get(group.key) ?? 'left', graph)]),
  );
  const on = (side: Side) => graph.groups.filter((group) => sides.get(group.key) === side);
  const hubColumns = graph.hubs.length <= 4 ? 1 : Math.ceil(Math.sqrt(graph.hubs.length));
  const hubRows = Math.ceil(graph.hubs.length / hubColumns);
  const nLeaves = graph.groups.reduce((sum, group) => sum + group.leaves.length, 0);
  const spread = Math.max(1, Math.min(MAX_SPREAD, Math.sqrt(nLeaves / SPREAD_FROM_LEAVES)));
  const cell = { width: HUB_CELL.width * spread, height: HUB_CELL.height * spread };
  const moat = MOAT * spread;
  const hubWidth = Math.max(1, hubColumns) * cell.width;
  const hubHeight = Math.max(1, hubRows) * cell.height;

  const columnHeight = (side: Side) => total(on(side).map((group) => blocks.get(group.key)!.height));
  const middle = Math.max(hubHeight, columnHeight('left'), columnHeight('right'));
  for (const side of ['left', 'right'] as const) {
    let y = -columnHeight(side) / 2;
    for (const group of on(side)) {
      const block = blocks.get(group.key)!;
      const edge = hubWidth / 2 + moat;
      const x = side === 'left' ? -edge - block.width : edge;
      place(positions, group.key, block, { x, y });
      y += block.height + CLUSTER_GAP;
    }
  }
  for (const side of ['bottom', 'top'] as const) {
    const groups = on(side);
    const width = total(groups.map((group) => blocks.get(group.key)!.width));
    const inner = hubWidth + 2 * moat;
    const clear = width > inner ? middle / 2 + CLUSTER_GAP : Math.max(hubHeight / 2 + moat * 0.7, 0);
    let x = -width / 2;
    for (const group of groups) {
      const block = blocks.get(group.key)!;
      place(positions, group.key, block, { x, y: side === 'bottom' ? clear : -clear - block.height });
      x += block.width + CLUSTER_GAP;
    }
  }
  placeHubs(positions, graph, hubColumns, cell);
  return positions;
}

/** Deals clusters to sides, larger ones first to the side that holds least. */
function dealSides(graph: LayoutGraph): ReadonlyMap<ElementKey, Side> {
  const load: Record<Side, number> = { left: 0, right: 0, bottom: 0, top: 0 };
  const dealt = new Map<ElementKey, Side>();
  const open = SIDES.slice(0, Math.min(4, Math.max(2, graph.groups.length)));
  for (const [index, group] of graph.groups.entries()) {
    const side =
      graph.groups.length <= SIDES.length
        ? open[index]!
        : open.reduce((best, candidate) => (load[candidate] < load[best] ? candidate : best));
    load[side] += group.leaves.length + 2;
    dealt.set(group.key, side);
  }
  return dealt;
}

interface Block {
  readonly width: number;
  readonly height: number;
  /** Centres of leaves, from the block's top left corner. */
  readonly leaves: ReadonlyMap<ElementKey, Point>;
}

function arrange(leaves: readonly LayoutLeaf[], side: Side, graph: LayoutGraph): Block {
  if (leaves.length === 0) return { ...sizeOf({ type: 'cluster' }), leaves: new Map() };
  const rank = new Map(graph.hubs.map((hub, index) => [hub, index]));
  const weight = (leaf: LayoutLeaf) => {
    const hubs = graph.hubsOf.get(leaf.key) ?? [];
    return hubs.length === 0
      ? Number.POSITIVE_INFINITY
      : total(
          hubs.map((hub) => rank.get(hub) ?? 0),
          0,
        ) / hubs.length;
  };
  const ordered = leaves.toSorted((a, b) => weight(a) - weight(b) || compare(a.key, b.key));
  const upright = side === 'left' || side === 'right';
  const groups = [...Map.groupBy(ordered, (leaf) => leaf.namespace ?? '')].map(([namespace, group]) =>
    grid(group, upright, namespace === '' ? 0 : NAMESPACE_PADDING),
  );
  return framed(groups, upright);
}

/** Cards in rows and columns, within a frame's padding. */
function grid(leaves: readonly LayoutLeaf[], upright: boolean, padding: number): Block {
  const columns = columnsOf(leaves.length, upright);
  const rows = Math.ceil(leaves.length / columns);
  const size = sizeOf(leaves[0]!.node);
  const cell = { width: size.width + GAP, height: size.height + GAP };
  const centers = new Map<ElementKey, Point>();
  for (const [index, leaf] of leaves.entries()) {
    const column = upright ? Math.floor(index / rows) : index % columns;
    const row = upright ? index % rows : Math.floor(index / columns);
    centers.set(leaf.key, {
      x: padding + column * cell.width + size.width / 2,
      y: padding + row * cell.height + size.height / 2,
    });
  }
  return {
    width: 2 * padding + columns * cell.width - GAP,
    height: 2 * padding + rows * cell.height - GAP,
    leaves: centers,
  };
}

/** A single line of a few cards; many make a block that is longer along the hubs than away from them. */
function columnsOf(count: number, upright: boolean): number {
  if (upright) return count <= 8 ? 1 : Math.ceil(Math.sqrt(count / 6));
  return count <= 4 ? count : Math.ceil(Math.sqrt(count * 1.2));
}

/** Groups one after the other within the cluster's frame. */
function framed(groups: readonly Block[], upright: boolean): Block {
  const leaves = new Map<ElementKey, Point>();
  let at = COMPOUND_PADDING;
  for (const group of groups) {
    for (const [key, center] of group.leaves)
      leaves.set(key, {
        x: center.x + (upright ? COMPOUND_PADDING : at),
        y: center.y + (upright ? at : COMPOUND_PADDING),
      });
    at += (upright ? group.height : group.width) + GAP;
  }
  const long = at - GAP + COMPOUND_PADDING;
  const across = (upright ? groups.map((group) => group.width) : groups.map((group) => group.height)).reduce(
    (most, length) => Math.max(most, length),
    0,
  );
  const wide = across + 2 * COMPOUND_PADDING;
  return { width: upright ? wide : long, height: upright ? long : wide, leaves };
}

function place(positions: Map<ElementKey, Point>, key: ElementKey, block: Block, corner: Point): void {
  if (block.leaves.size === 0)
    positions.set(key, { x: corner.x + block.width / 2, y: corner.y + block.height / 2 });
  for (const [leaf, center] of block.leaves)
    positions.set(leaf, { x: corner.x + center.x, y: corner.y + center.y });
}

/** Hubs in order of the height of what they connect, each leaning to its own side so that edges pass between. */
function placeHubs(positions: Map<ElementKey, Point>, graph: LayoutGraph, columns: number, cell: Size): void {
  const pulls = new Map<ElementKey, Point[]>();
  for (const [leaf, hubs] of graph.hubsOf)
    for (const hub of hubs) {
      const at = positions.get(leaf);
      if (at) pulls.set(hub, [...(pulls.get(hub) ?? []), at]);
    }
  const pull = (hub: ElementKey, axis: 'x' | 'y', none: number) => {
    const points = pulls.get(hub);
    return points
      ? total(
          points.map((point) => point[axis]),
          0,
        ) / points.length
      : none;
  };
  const height = (hub: ElementKey) => pull(hub, 'y', Number.POSITIVE_INFINITY);
  const ordered = graph.hubs.toSorted((a, b) => height(a) - height(b) || compare(a, b));
  const rows = Math.ceil(ordered.length / Math.max(1, columns));
  for (const [index, hub] of ordered.entries()) {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, ordered.length - row * columns);
    const lean = columns > 1 ? 0 : Math.max(-MAX_LEAN, Math.min(MAX_LEAN, pull(hub, 'x', 0) / 2));
    positions.set(hub, {
      x: lean + ((index % columns) - (inRow - 1) / 2) * cell.width,
      y: (row - (rows - 1) / 2) * cell.height,
    });
  }
}

function total(lengths: readonly number[], gap = CLUSTER_GAP): number {
  return lengths.reduce((sum, length) => sum + length, 0) + gap * Math.max(0, lengths.length - 1);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
