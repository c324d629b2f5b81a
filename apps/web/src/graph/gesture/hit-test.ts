import { boxContains, type Box, type Point } from '../layout/geometry.ts';
import type { ElementKey } from '../model/element-key.ts';

/** Pointers this near to a node are taken to mean it. */
export const SNAP_PX = 15;

/** A node as it can be hit: the smaller of two that overlap wins. */
export interface HitBox {
  readonly key: ElementKey;
  readonly box: Box;
  /** Compounds are hit only where nothing in them is near. */
  readonly compound: boolean;
}

/** The node at a point, or the nearest leaf within `snap`; undefined on the empty canvas. */
export function hitTest(boxes: Iterable<HitBox>, at: Point, snap: number): ElementKey | undefined {
  let best: { key: ElementKey; rank: number } | undefined;
  for (const { key, box, compound } of boxes) {
    const gap = distanceTo(box, at);
    if (gap > (compound ? 0 : snap)) continue;
    const area = box.width * box.height;
    const rank = compound ? 1e12 + area : gap > 0 ? 1e6 + gap : Math.min(area / 1e3, 1e5);
    if (best === undefined || rank < best.rank) best = { key, rank };
  }
  return best?.key;
}

/** Distance from a point to a segment, in the same units. */
export function distanceToSegment(at: Point, a: Point, b: Point): number {
  const length = (b.x - a.x) ** 2 + (b.y - a.y) ** 2;
  const along =
    length === 0
      ? 0
      : Math.max(0, Math.min(1, ((at.x - a.x) * (b.x - a.x) + (at.y - a.y) * (b.y - a.y)) / length));
  return Math.hypot(at.x - (a.x + along * (b.x - a.x)), at.y - (a.y + along * (b.y - a.y)));
}

function distanceTo(box: Box, at: Point): number {
  if (boxContains(box, at)) return 0;
  const dx = Math.max(box.left - at.x, 0, at.x - (box.left + box.width));
  const dy = Math.max(box.top - at.y, 0, at.y - (box.top + box.height));
  return Math.hypot(dx, dy);
}
