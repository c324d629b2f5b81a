import type { GraphNode } from '../model/graph-model.ts';

/** A point, or a node's centre, in the map's own units. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box extends Size {
  readonly left: number;
  readonly top: number;
}

/** Positions of leaf nodes by key; compounds follow from their children. */
export type Positions = ReadonlyMap<string, Point>;

/** Space between cards. */
export const GAP = 16;
/** Space between a cluster's border and its children: holds its name above and its ranges below. */
export const COMPOUND_PADDING = 36;
/** The same of a namespace within its cluster. */
export const NAMESPACE_PADDING = 26;

const CARD: Size = { width: 184, height: 48 };

/** Size of a node that is not a compound. */
export function sizeOf(node: Pick<GraphNode, 'type'>): Size {
  switch (node.type) {
    case 'workload':
    case 'namespace':
      return CARD;
    case 'node':
      return { width: 184, height: 56 };
    case 'domain':
      return { width: 148, height: 76 };
    case 'mesh':
      return { width: 104, height: 24 };
    case 'cluster':
      return { width: 220, height: 96 };
  }
}

/** The box of a node around its centre. */
export function boxAround(center: Point, size: Size): Box {
  return { ...size, left: center.x - size.width / 2, top: center.y - size.height / 2 };
}

/** A box with the plane around a point made larger. */
export function scaledAbout(center: Point, box: Box, by: number): Box {
  return {
    left: center.x + (box.left - center.x) * by,
    top: center.y + (box.top - center.y) * by,
    width: box.width * by,
    height: box.height * by,
  };
}

/** True where two boxes, grown by a margin, overlap. */
export function boxesOverlap(a: Box, b: Box, margin = 0): boolean {
  return (
    a.left < b.left + b.width + margin &&
    b.left < a.left + a.width + margin &&
    a.top < b.top + b.height + margin &&
    b.top < a.top + a.height + margin
  );
}

/** True where a point lies in a box. */
export function boxContains(box: Box, point: Point): boolean {
  return (
    point.x >= box.left &&
    point.x <= box.left + box.width &&
    point.y >= box.top &&
    point.y <= box.top + box.height
  );
}
