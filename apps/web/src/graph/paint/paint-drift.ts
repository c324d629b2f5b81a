import { sizeOf, type Box } from '../layout/geometry.ts';
import { pointOnCurve } from '../layout/edge-bends.ts';
import type { GraphNode } from '../model/graph-model.ts';
import type { SceneEdge, StillScene } from './scene.ts';
import { drawDriftSign } from './shapes.ts';

/** Where an edge says that something is not as it was applied: clear of its state, and of its count. */
const ON_EDGE = 0.22;

/** The sign on a card or a hub of which something is not as it was applied. A cluster has it beside its name. */
export function paintNodeDrift(
  ctx: CanvasRenderingContext2D,
  scene: StillScene,
  node: GraphNode,
  box: Box,
): void {
  if (node.drifted === undefined) return;
  const { colors, detail } = scene;
  const enlarged = box.width / sizeOf(node).width;
  const sign = (x: number, y: number, size: number) => drawDriftSign(ctx, { x, y }, size, colors);
  switch (node.type) {
    case 'domain':
      sign(box.left + 18 * enlarged, box.top + 4 * enlarged, 19 * enlarged);
      break;
    case 'mesh':
      sign(box.left + box.width - 12 * enlarged, box.top, 14 * enlarged);
      break;
    case 'workload':
      if (detail === 'far') break;
      sign(box.left + 4, box.top + box.height - 2, 17 * sizeAt(scene));
      break;
    case 'namespace':
      if (detail !== 'far' && detail !== 'dots') sign(box.left + 4, box.top + box.height - 2, 17);
      break;
    case 'cluster':
    case 'node':
      break;
  }
}

/** The sign on a membership, or on many as one. */
export function paintEdgeDrift(ctx: CanvasRenderingContext2D, scene: StillScene, drawn: SceneEdge): void {
  const { edge } = drawn;
  const isShown = edge.type === 'counted' || (edge.type === 'member' && scene.detail !== 'far');
  if (!isShown || edge.drifted === undefined) return;
  const size = edge.type === 'counted' ? Math.max(1, Math.min(9, 0.95 / scene.zoom)) : sizeAt(scene);
  drawDriftSign(ctx, pointOnCurve(drawn, ON_EDGE), 16 * size, scene.colors);
}

/** Signs are larger where nothing else is written. */
function sizeAt({ detail, zoom }: StillScene): number {
  return detail === 'dots' ? Math.min(2, 0.8 / zoom) : 1;
}
