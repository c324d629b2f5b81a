import { sizeOf, type Box } from '../layout/geometry.ts';
import type { HubNode, MeshNode } from '../model/graph-model.ts';
import { MONO, SANS } from './map-colors.ts';
import type { StillScene } from './scene.ts';
import { drawSign, hexagon, roundRect } from './shapes.ts';
import { fitText } from './text.ts';

/** A domain's hub: a hexagon with name, prefix and member count. An empty domain is an outline. */
export function paintHub(ctx: CanvasRenderingContext2D, scene: StillScene, node: HubNode, box: Box): void {
  const { colors, detail, zoom } = scene;
  const far = detail === 'far' || detail === 'dots';
  const enlarged = box.width / sizeOf(node).width;
  const hue = node.staged ? colors.staged : (colors.hues[node.mark.hue.slot] ?? colors.ink);
  const empty = node.memberCount === 0 && node.staged === undefined;
  hexagon(ctx, box);
  ctx.fillStyle = colors.card;
  ctx.fill();
  if (!empty) {
    ctx.save();
    ctx.globalAlpha = 0.13;
    ctx.fillStyle = hue;
    ctx.fill();
    ctx.restore();
    if (node.mark.hue.patterned) stripes(ctx, box, hue, enlarged);
  }
  hexagon(ctx, box);
  ctx.save();
  ctx.strokeStyle = hue;
  ctx.lineWidth = 2 * enlarged;
  if (empty || node.staged) ctx.setLineDash([5 * enlarged, 4 * enlarged]);
  ctx.stroke();
  ctx.restore();

  // From far away there is the name alone, and it is read.
  const scale = far ? Math.min(box.height / 24, 0.8 / zoom) : 1;
  const x = box.left + box.width / 2;
  const y = box.top + box.height / 2;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillStyle = colors.ink;
  ctx.font = `620 ${15 * scale}px ${SANS}`;
  const name = node.mark.hue.patterned ? `${node.mark.hue.letters} ${node.label}` : node.label;
  ctx.fillText(fitText(ctx, name, box.width - (far ? 14 : 28) * enlarged), x, far ? y : y - 17);
  if (!far) {
    ctx.fillStyle = colors.ink2;
    ctx.font = `430 11px ${MONO}`;
    ctx.fillText(fitText(ctx, node.prefix, box.width - 22), x, y + 1);
    ctx.fillStyle = colors.ink3;
    ctx.font = `450 11px ${SANS}`;
    ctx.fillText(said(node), x, y + 19);
  }
  paintHubSign(ctx, scene, node, box);
}

/** The sign on a hub's rim: a clash, or a condition that asks for attention. */
export function paintHubSign(
  ctx: CanvasRenderingContext2D,
  scene: StillScene,
  node: HubNode,
  box: Box,
): void {
  if (node.clash === undefined && node.warning === undefined) return;
  const enlarged = box.width / sizeOf(node).width;
  const at = { x: box.left + box.width - 18 * enlarged, y: box.top + 4 * enlarged };
  drawSign(ctx, 'warn', at, 17 * enlarged, scene.colors);
}

/** A mesh: a pill on its domain's hub. */
export function paintMesh(ctx: CanvasRenderingContext2D, scene: StillScene, node: MeshNode, box: Box): void {
  const { colors } = scene;
  const scale = box.width / sizeOf(node).width;
  const amiss = node.state === 'not-ready';
  roundRect(ctx, box, box.height / 2);
  ctx.fillStyle = colors.card;
  ctx.fill();
  ctx.strokeStyle = amiss ? colors.warn : colors.lineStrong;
  ctx.lineWidth = 1.25 * scale;
  ctx.stroke();
  if (scene.detail === 'far' || scene.detail === 'dots') {
    const center = { x: box.left + box.width / 2, y: box.top + box.height / 2 };
    if (amiss) drawSign(ctx, 'warn', center, 17 * scale, colors);
    return;
  }
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.font = `500 11px ${SANS}`;
  ctx.fillStyle = amiss ? colors.warnInk : colors.ink2;
  const x = box.left + box.width / 2 + (amiss ? 7 : 0);
  const kind = node.kind.replace(/^./, (letter) => letter.toUpperCase());
  ctx.fillText(fitText(ctx, kind, box.width - 24), x, box.top + box.height / 2 + 0.5);
  if (amiss) drawSign(ctx, 'warn', { x: box.left + 14, y: box.top + box.height / 2 }, 11, colors);
}

function said(node: HubNode): string {
  if (node.staged === 'add') return '+ staged';
  if (node.staged === 'remove') return '− staged';
  return node.memberCount === 0
    ? 'no members'
    : `${node.memberCount} member${node.memberCount === 1 ? '' : 's'}`;
}

function stripes(ctx: CanvasRenderingContext2D, box: Box, color: string, scale: number): void {
  ctx.save();
  hexagon(ctx, box);
  ctx.clip();
  ctx.globalAlpha = 0.28;
  ctx.strokeStyle = color;
  ctx.lineWidth = 3 * scale;
  ctx.beginPath();
  for (let x = box.left - box.height; x < box.left + box.width; x += 11 * scale) {
    ctx.moveTo(x, box.top + box.height);
    ctx.lineTo(x + box.height, box.top);
  }
  ctx.stroke();
  ctx.restore();
}
