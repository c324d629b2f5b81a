import type { Point } from '../layout/geometry.ts';
import type { ElementKey } from '../model/element-key.ts';

export type Direction = 'up' | 'down' | 'left' | 'right';

/**
 * The node that an arrow key moves to: the nearest in that direction, sideways distance counting
 * double. Undefined where there is none.
 */
export function nearestIn(
  direction: Direction,
  from: Point,
  nodes: Iterable<readonly [ElementKey, Point]>,
): ElementKey | undefined {
  let best: { key: ElementKey; cost: number } | undefined;
  for (const [key, at] of nodes) {
    const dx = at.x - from.x;
    const dy = at.y - from.y;
    const [ahead, aside] = direction === 'left' || direction === 'right' ? [dx, dy] : [dy, dx];
    const forward = direction === 'left' || direction === 'up' ? -ahead : ahead;
    if (forward <= 1) continue;
    const cost = forward + 2 * Math.abs(aside);
    if (best === undefined || cost < best.cost || (cost === best.cost && key < best.key))
      best = { key, cost };
  }
  return best?.key;
}

/** The node that the graph's focus begins with: the one at the top left. */
export function firstNode(nodes: Iterable<readonly [ElementKey, Point]>): ElementKey | undefined {
  let best: { key: ElementKey; rank: number } | undefined;
  for (const [key, at] of nodes) {
    const rank = at.x + at.y;
    if (best === undefined || rank < best.rank) best = { key, rank };
  }
  return best?.key;
}
