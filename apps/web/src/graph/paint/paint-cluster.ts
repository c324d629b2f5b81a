import type { ClusterNode, NamespaceNode } from '../model/graph-model.ts';
import type { Box } from '../layout/geometry.ts';
import { drawGlyph } from './glyphs.ts';
import { MONO, SANS } from './map-colors.ts';
import type { StillScene } from './scene.ts';
import { drawDriftSign, drawSign } from './shapes.ts';
import { fitText, haloText } from './text.ts';

/** What a cluster says of itself; its fill and border lie below the edges. */
export function paintCluster(
  ctx: CanvasRenderingContext2D,
  scene: StillScene,
  node: ClusterNode,
  box: Box,
): void {
  const { colors, detail, zoom } = scene;
  const far = detail === 'far';
  const scale = far ? Math.min(10, 0.9 / zoom) : detail === 'dots' ? Math.min(2.3, 0.8 / zoom) : 1;
  const pad = 14 * (far ? scale : 1);
  const top = box.top + (far ? 22 * scale : 20);
  if (!node.reachable) hatch(ctx, box, colors.lineStrong);
  drawGlyph(ctx, 'cluster', {
    x: box.left + pad,
    y: top - 7.5 * scale,
    size: 15 * scale,
    color: colors.ink2,
  });
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  ctx.fillStyle = colors.ink;
  ctx.font = `600 ${13.5 * scale}px ${SANS}`;
  const nameLeft = box.left + pad + 22 * scale;
  const name = fitText(ctx, node.label, box.left + box.width - nameLeft - pad);
  haloText(ctx, name, { x: nameLeft, y: top + 0.5, ground: colors.cluster, width: 5 * scale });
  let right = nameLeft + ctx.measureText(name).width + 10;
  if (node.drifted !== undefined || (far && node.driftedWithin)) {
    drawDriftSign(ctx, { x: right + 6 * scale, y: top }, 15 * scale, colors);
    right += 20 * scale;
  }
  if (node.readOnly) {
    drawGlyph(ctx, 'lock', { x: right, y: top - 6.5, size: 12, color: colors.ink3, weight: 2.2 });
    right += 18;
  }
  if (!node.reachable) {
    drawSign(ctx, 'warn', { x: right + 6, y: top }, 13, colors);
    ctx.fillStyle = colors.warnInk;
    ctx.font = `500 11px ${SANS}`;
    ctx.fillText(`last seen ${age(scene.nowMs - node.lastSeenMs)}`, right + 17, top + 0.5);
  } else if (node.nAgents === 0) {
    ctx.fillStyle = colors.warnInk;
    ctx.font = `500 11px ${SANS}`;
    ctx.fillText(fitText(ctx, 'no agent', box.left + box.width - right - pad), right, top + 0.5);
  }
  if (far) {
    ctx.fillStyle = colors.ink3;
    ctx.font = `400 ${12 * scale}px ${SANS}`;
    ctx.fillText(count(node.nWorkloads), box.left + pad, top + 24 * scale);
    return;
  }
  if (detail !== 'dots') paintRange(ctx, scene, node, box);
}

/** A namespace's frame is below the edges; its name is here. A folded one is a card with a count. */
export function paintNamespace(
  ctx: CanvasRenderingContext2D,
  scene: StillScene,
  node: NamespaceNode,
  box: Box,
): void {
  const { colors } = scene;
  if (scene.detail === 'far' || scene.detail === 'dots') return;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  ctx.font = `500 11px ${SANS}`;
  ctx.fillStyle = colors.ink3;
  if (!node.folded) {
    const label = fitText(ctx, node.label, box.width - 20);
    haloText(ctx, label, { x: box.left + 10, y: box.top + 13, ground: colors.cluster });
    return;
  }
  for (const layer of [6, 3, 0]) {
    ctx.beginPath();
    ctx.roundRect(box.left + layer, box.top - layer, box.width, box.height, 8);
    ctx.fillStyle = colors.card;
    ctx.fill();
    ctx.strokeStyle = colors.lineStrong;
    ctx.lineWidth = 1;
    ctx.stroke();
  }
  ctx.fillStyle = colors.ink;
  ctx.font = `550 13px ${SANS}`;
  ctx.fillText(fitText(ctx, node.label, box.width - 24), box.left + 12, box.top + 17);
  ctx.fillStyle = colors.ink3;
  ctx.font = `400 11px ${SANS}`;
  ctx.fillText(count(node.nWorkloads), box.left + 12, box.top + 34);
}

/** The pod range, and that other clusters have the same: the problem that domains solve. */
function paintRange(ctx: CanvasRenderingContext2D, scene: StillScene, node: ClusterNode, box: Box): void {
  const { colors } = scene;
  if (node.podRange === '') return;
  const y = box.top + box.height - 18;
  let x = box.left + 14;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'left';
  ctx.font = `400 11px ${SANS}`;
  ctx.fillStyle = colors.ink3;
  const ground = colors.cluster;
  haloText(ctx, 'pods', { x, y, ground });
  x += ctx.measureText('pods').width + 6;
  ctx.font = `450 11px ${MONO}`;
  ctx.fillStyle = node.nSharing > 0 ? colors.warnInk : colors.ink2;
  haloText(ctx, node.podRange, { x, y, ground });
  const width = ctx.measureText(node.podRange).width;
  if (node.nSharing === 0) return;
  ctx.strokeStyle = colors.warn;
  ctx.lineWidth = 1;
  ctx.setLineDash([2, 2]);
  ctx.beginPath();
  ctx.moveTo(x, y + 8);
  ctx.lineTo(x + width, y + 8);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.font = `400 11px ${SANS}`;
  const said = `same in ${node.nSharing} other${node.nSharing === 1 ? '' : 's'}`;
  const room = box.left + box.width - 14 - (x + width + 10);
  if (room > 60) haloText(ctx, fitText(ctx, said, room), { x: x + width + 10, y, ground });
}

function hatch(ctx: CanvasRenderingContext2D, box: Box, color: string): void {
  ctx.save();
  ctx.beginPath();
  ctx.rect(box.left, box.top, box.width, box.height);
  ctx.clip();
  ctx.strokeStyle = color;
  ctx.globalAlpha = 0.55;
  ctx.lineWidth = 1;
  ctx.beginPath();
  for (let x = box.left - box.height; x < box.left + box.width; x += 12) {
    ctx.moveTo(x, box.top + box.height);
    ctx.lineTo(x + box.height, box.top);
  }
  ctx.stroke();
  ctx.restore();
}

function count(nWorkloads: number): string {
  return `${nWorkloads} workload${nWorkloads === 1 ? '' : 's'}`;
}

function age(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  return minutes < 1 ? 'just now' : minutes < 60 ? `${minutes} min ago` : `${Math.round(minutes / 60)} h ago`;
}
