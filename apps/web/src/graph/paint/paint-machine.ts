import type { Box } from '../layout/geometry.ts';
import type { MachineNode } from '../model/graph-model.ts';
import { drawGlyph } from './glyphs.ts';
import { SANS } from './map-colors.ts';
import type { StillScene } from './scene.ts';
import { drawSign, roundRect } from './shapes.ts';
import { fitText } from './text.ts';

/** A node of a cluster, with the domains that it carries. */
export function paintMachine(
  ctx: CanvasRenderingContext2D,
  scene: StillScene,
  node: MachineNode,
  box: Box,
): void {
  const { colors, detail } = scene;
  roundRect(ctx, box, 5);
  ctx.fillStyle = colors.card;
  ctx.fill();
  ctx.strokeStyle = colors.lineStrong;
  ctx.lineWidth = 1;
  ctx.stroke();
  if (detail === 'far') return;
  drawGlyph(ctx, 'node', { x: box.left + 12, y: box.top + 12, size: 16, color: colors.ink2 });
  if (detail === 'dots') return;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.fillStyle = colors.ink;
  ctx.font = `560 13px ${SANS}`;
  ctx.fillText(fitText(ctx, node.label, box.width - 50), box.left + 38, box.top + 19);
  const faults = [
    node.ready ? '' : 'not ready',
    node.schedulable ? '' : 'cordoned',
    node.hasAgent ? '' : 'no agent',
    node.behindNat ? 'behind NAT' : '',
  ].filter(Boolean);
  ctx.fillStyle = node.ready && node.hasAgent ? colors.ink3 : colors.warnInk;
  ctx.font = `400 11px ${SANS}`;
  const said = faults.length > 0 ? faults.join(', ') : `${node.nInstances} instances`;
  ctx.fillText(fitText(ctx, said, box.width - 90), box.left + 38, box.top + 38);
  let x = box.left + box.width - 14;
  for (const mark of node.domains.toReversed()) {
    ctx.beginPath();
    ctx.arc(x, box.top + 38, 4, 0, 2 * Math.PI);
    ctx.fillStyle = colors.hues[mark.hue.slot] ?? colors.ink;
    ctx.fill();
    x -= 12;
  }
  if (!node.ready || !node.hasAgent)
    drawSign(ctx, node.ready ? 'warn' : 'fail', { x: box.left + 2, y: box.top + 2 }, 15, colors);
}
