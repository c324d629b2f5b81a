import type { Box } from '../layout/geometry.ts';
import type { GraphNode } from '../model/graph-model.ts';
import { paintCluster, paintNamespace } from './paint-cluster.ts';
import { paintEdgeDrift, paintNodeDrift } from './paint-drift.ts';
import { paintEdge, paintTravelling, travels } from './paint-edge.ts';
import { paintHub, paintHubSign, paintMesh } from './paint-hub.ts';
import { paintMachine } from './paint-machine.ts';
import { paintWorkload } from './paint-workload.ts';
import type { Scene, SceneNode, StillScene } from './scene.ts';
import { drawRing, grow, hexagon, roundRect } from './shapes.ts';

/** With more than these lifted at once none casts a shadow: shadows cost more than all else. */
const MAX_SHADOWS = 40;

/**
 * Paints what stays while a pointer moves: everything above the edges. While something is being connected a
 * veil lies over all but its source and its legal targets: they lift, the others dim.
 */
export function paintMap(ctx: CanvasRenderingContext2D, scene: StillScene): void {
  const { gesture } = scene.marks;
  const bright = (node: SceneNode) =>
    gesture !== undefined && (gesture.legal.has(node.node.key) || gesture.source === node.node.key);
  const isHub = ({ node }: SceneNode) => node.type === 'domain' || node.type === 'mesh';
  for (const node of scene.nodes) if (!bright(node) && !isHub(node)) paintNode(ctx, scene, node);
  for (const edge of scene.edges) paintEdge(ctx, scene, edge);
  for (const edge of scene.edges) paintEdgeDrift(ctx, scene, edge);
  for (const node of scene.nodes) if (!bright(node) && isHub(node)) paintNode(ctx, scene, node);
  for (const { node, box } of scene.nodes) paintNodeDrift(ctx, scene, node, box);
  if (gesture) {
    paintVeil(ctx, scene);
    const lifted = scene.nodes.filter(bright);
    const shadows = lifted.length <= MAX_SHADOWS;
    for (const node of lifted) paintLifted(ctx, scene, node, shadows);
  }
  for (const node of scene.nodes) paintMarks(ctx, scene, node);
}

/** Paints what moves: the line to the pointer, the ring of what it is over, and what travels along edges. */
export function paintMoving(ctx: CanvasRenderingContext2D, scene: Scene): void {
  const { gesture } = scene.marks;
  if (gesture === undefined) paintTravellers(ctx, scene);
  const over = scene.nodes.find(({ node }) => node.key === gesture?.over);
  if (over && gesture?.legal.has(over.node.key)) {
    outline(ctx, over.node, grow(raised(over), 4));
    drawRing(ctx, scene.colors.staged, 2.5 / Math.min(1, scene.zoom));
  }
  if (scene.ghost) paintGhost(ctx, scene, scene.ghost);
}

/** What travels passes under cards and hubs, as its edge does. */
function paintTravellers(ctx: CanvasRenderingContext2D, scene: Scene): void {
  const travelling = scene.edges.filter(({ edge }) => travels(edge));
  if (travelling.length === 0) return;
  for (const edge of travelling) paintTravelling(ctx, scene, edge);
  ctx.save();
  ctx.globalCompositeOperation = 'destination-out';
  for (const { node, box } of scene.nodes) {
    if (node.type === 'cluster' || node.type === 'namespace') continue;
    outline(ctx, node, box);
    ctx.fill();
  }
  ctx.restore();
}

function paintNode(ctx: CanvasRenderingContext2D, scene: StillScene, { node, box }: SceneNode): void {
  switch (node.type) {
    case 'cluster':
      paintCluster(ctx, scene, node, box);
      break;
    case 'namespace':
      paintNamespace(ctx, scene, node, box);
      break;
    case 'workload':
      if (scene.detail !== 'far') paintWorkload(ctx, scene, node, box);
      break;
    case 'node':
      paintMachine(ctx, scene, node, box);
      break;
    case 'domain':
      paintHub(ctx, scene, node, box);
      break;
    case 'mesh':
      paintMesh(ctx, scene, node, box);
      break;
  }
}

function paintVeil(ctx: CanvasRenderingContext2D, scene: StillScene): void {
  ctx.save();
  ctx.setTransform(1, 0, 0, 1, 0, 0);
  ctx.globalAlpha = 0.66;
  ctx.fillStyle = scene.colors.ground;
  ctx.fillRect(0, 0, ctx.canvas.width, ctx.canvas.height);
  ctx.restore();
}

function paintLifted(
  ctx: CanvasRenderingContext2D,
  scene: StillScene,
  { node, box }: SceneNode,
  shadows: boolean,
): void {
  const isSource = scene.marks.gesture?.source === node.key;
  if (scene.detail === 'far' && node.type === 'workload') return;
  const at = isSource ? box : raised({ node, box });
  if (shadows && !isSource && node.type !== 'cluster') {
    ctx.save();
    ctx.shadowColor = 'rgb(0 0 0 / 0.28)';
    ctx.shadowBlur = 14;
    ctx.shadowOffsetY = 5;
    outline(ctx, node, at);
    ctx.fillStyle = scene.colors.card;
    ctx.fill();
    ctx.restore();
  }
  paintNode(ctx, scene, { node, box: at });
  paintNodeDrift(ctx, scene, node, at);
}

/** Where a legal target is drawn while it is lifted. */
function raised({ box }: SceneNode): Box {
  return { ...box, top: box.top - 2 };
}

function paintMarks(ctx: CanvasRenderingContext2D, scene: StillScene, { node, box }: SceneNode): void {
  const { marks, colors, zoom } = scene;
  const width = 2 / Math.max(0.5, zoom);
  if (marks.selected === node.key || marks.group.has(node.key)) {
    outline(ctx, node, grow(box, 4));
    drawRing(ctx, colors.focus, width);
    if (node.type === 'domain') paintHubSign(ctx, scene, node, box);
    paintNodeDrift(ctx, scene, node, box);
  }
  if (marks.focused === node.key) {
    outline(ctx, node, grow(box, marks.selected === node.key ? 8 : 5));
    drawRing(ctx, colors.focus, width, [4, 3]);
  }
}

function outline(ctx: CanvasRenderingContext2D, node: GraphNode, box: Box): void {
  switch (node.type) {
    case 'domain':
      hexagon(ctx, box);
      break;
    case 'cluster':
      roundRect(ctx, box, 1);
      break;
    case 'mesh':
      roundRect(ctx, box, box.height / 2);
      break;
    case 'namespace':
    case 'workload':
    case 'node':
      roundRect(ctx, box, 11);
      break;
  }
}

function paintGhost(
  ctx: CanvasRenderingContext2D,
  scene: StillScene,
  ghost: NonNullable<Scene['ghost']>,
): void {
  const { from, to, legal } = ghost;
  const color = legal ? scene.colors.staged : scene.colors.ink3;
  const scale = 1 / Math.max(0.4, scene.zoom);
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = 2 * scale;
  ctx.setLineDash([7 * scale, 5 * scale]);
  ctx.beginPath();
  ctx.moveTo(from.x, from.y);
  ctx.lineTo(to.x, to.y);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.beginPath();
  ctx.arc(to.x, to.y, 5 * scale, 0, 2 * Math.PI);
  ctx.fillStyle = color;
  ctx.fill();
  ctx.restore();
}
