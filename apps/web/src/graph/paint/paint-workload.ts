import type { Box } from '../layout/geometry.ts';
import type { WorkloadNode } from '../model/graph-model.ts';
import { drawGlyph, kindGlyph } from './glyphs.ts';
import { MONO, SANS } from './map-colors.ts';
import type { StillScene } from './scene.ts';
import { drawSign, roundRect } from './shapes.ts';
import { fitText } from './text.ts';

const RADIUS = 9;

/** A workload's card: kind, name, readiness, and a rim in the colours of its domains. */
export function paintWorkload(
  ctx: CanvasRenderingContext2D,
  scene: StillScene,
  node: WorkloadNode,
  box: Box,
): void {
  const { detail } = scene;
  ctx.save();
  if (scene.lens === 'mesh' && node.meshes.length === 0) ctx.globalAlpha = 0.45;
  paintCard(ctx, scene, node, box);
  ctx.restore();
  if (detail !== 'far') paintHealth(ctx, scene, node, box);
  if (node.domains.length > 1 && detail !== 'dots') paintCount(ctx, scene, node.domains.length, box);
}

function paintCard(ctx: CanvasRenderingContext2D, scene: StillScene, node: WorkloadNode, box: Box): void {
  const { colors, detail } = scene;
  roundRect(ctx, box, RADIUS);
  ctx.fillStyle = colors.card;
  ctx.fill();
  paintRim(ctx, scene, node, box);
  if (detail === 'dots') {
    drawGlyph(ctx, kindGlyph(node.kind), {
      x: box.left + box.width / 2 - 12,
      y: box.top + box.height / 2 - 12,
      size: 24,
      color: colors.ink2,
    });
    return;
  }
  const close = detail === 'close';
  const middle = box.top + box.height / 2;
  drawGlyph(ctx, kindGlyph(node.kind), { x: box.left + 12, y: middle - 8, size: 16, color: colors.ink2 });
  const left = box.left + 38;
  const room = box.width - 38 - 12;
  ctx.textBaseline = 'middle';
  ctx.textAlign = 'right';
  ctx.font = `450 11px ${MONO}`;
  const replicas = `${node.ready}/${node.desired}`;
  ctx.fillStyle = node.health === 'ready' || node.health === 'idle' ? colors.ink3 : healthInk(scene, node);
  const nameY = close ? box.top + 13 : middle - 8;
  ctx.fillText(replicas, box.left + box.width - 12, nameY + 0.5);
  const replicasWidth = ctx.measureText(replicas).width + 8;
  ctx.textAlign = 'left';
  ctx.fillStyle = colors.ink;
  ctx.font = `560 13px ${SANS}`;
  ctx.fillText(fitText(ctx, node.label, room - replicasWidth), left, nameY);
  ctx.fillStyle = colors.ink3;
  ctx.font = `400 ${close ? 9.5 : 11}px ${SANS}`;
  ctx.fillText(
    fitText(ctx, `${node.namespace} · ${secondLine(scene, node)}`, room),
    left,
    close ? box.top + 26 : middle + 9,
  );
  if (close && node.addresses.length > 0) {
    ctx.font = `400 8.5px ${MONO}`;
    ctx.fillStyle = colors.ink2;
    ctx.fillText(fitText(ctx, node.addresses.join('  '), room), left, box.top + 38);
  }
}

function secondLine(scene: StillScene, node: WorkloadNode): string {
  if (node.hostNetwork) return 'host network';
  if (scene.lens === 'mesh') return node.meshes.join(' + ') || 'in no mesh';
  return node.domains.map((mark) => mark.name).join(' + ') || 'no domain';
}

/** One domain: its colour. Two or more: the rim split between them. None: a neutral line. */
function paintRim(ctx: CanvasRenderingContext2D, scene: StillScene, node: WorkloadNode, box: Box): void {
  const { colors } = scene;
  const rim = {
    left: box.left + 0.75,
    top: box.top + 0.75,
    width: box.width - 1.5,
    height: box.height - 1.5,
  };
  if (node.domains.length === 0) {
    roundRect(ctx, rim, RADIUS - 0.75);
    ctx.strokeStyle = colors.lineStrong;
    ctx.lineWidth = 1;
    ctx.stroke();
    return;
  }
  const part = box.width / node.domains.length;
  for (const [index, mark] of node.domains.entries()) {
    ctx.save();
    if (node.domains.length > 1) {
      ctx.beginPath();
      ctx.rect(box.left + index * part, box.top - 1, part, box.height + 2);
      ctx.clip();
    }
    roundRect(ctx, rim, RADIUS - 0.75);
    const staged = node.joining.includes(mark.name);
    ctx.strokeStyle = staged ? colors.staged : (colors.hues[mark.hue.slot] ?? colors.ink);
    ctx.lineWidth = 1.75;
    if (staged || mark.hue.patterned) ctx.setLineDash([5, 3]);
    ctx.stroke();
    ctx.restore();
  }
}

function paintHealth(ctx: CanvasRenderingContext2D, scene: StillScene, node: WorkloadNode, box: Box): void {
  if (node.health === 'ready' || node.health === 'idle') return;
  const at = { x: box.left + 2, y: box.top + 2 };
  drawSign(ctx, node.health === 'failing' ? 'fail' : 'warn', at, 15, scene.colors);
}

/** The number of domains, on the card's corner. */
function paintCount(ctx: CanvasRenderingContext2D, scene: StillScene, count: number, box: Box): void {
  const at = { x: box.left + box.width - 4, y: box.top + 2 };
  ctx.beginPath();
  ctx.arc(at.x, at.y, 8, 0, 2 * Math.PI);
  ctx.fillStyle = scene.colors.ink;
  ctx.fill();
  ctx.strokeStyle = scene.colors.cluster;
  ctx.lineWidth = 2;
  ctx.stroke();
  ctx.fillStyle = scene.colors.card;
  ctx.font = `650 10px ${SANS}`;
  ctx.textAlign = 'center';
  ctx.textBaseline = 'middle';
  ctx.fillText(String(count), at.x, at.y + 0.5);
}

function healthInk(scene: StillScene, node: WorkloadNode): string {
  return node.health === 'failing' ? scene.colors.failInk : scene.colors.warnInk;
}
