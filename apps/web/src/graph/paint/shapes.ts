import type { Box, Point } from '../layout/geometry.ts';
import type { MapColors } from './map-colors.ts';

/** Begins the path of a rounded rectangle. */
export function roundRect(ctx: CanvasRenderingContext2D, box: Box, radius: number): void {
  ctx.beginPath();
  ctx.roundRect(box.left, box.top, box.width, box.height, radius);
}

/** Begins the path of a hexagon that points left and right. */
export function hexagon(ctx: CanvasRenderingContext2D, box: Box): void {
  const { left, top, width, height } = box;
  const tip = height * 0.3;
  ctx.beginPath();
  ctx.moveTo(left, top + height / 2);
  ctx.lineTo(left + tip, top);
  ctx.lineTo(left + width - tip, top);
  ctx.lineTo(left + width, top + height / 2);
  ctx.lineTo(left + width - tip, top + height);
  ctx.lineTo(left + tip, top + height);
  ctx.closePath();
}

/** Begins the path of the amber triangle. */
export function triangle(ctx: CanvasRenderingContext2D, at: Point, size: number): void {
  ctx.beginPath();
  ctx.moveTo(at.x, at.y - size * 0.56);
  ctx.lineTo(at.x + size * 0.58, at.y + size * 0.44);
  ctx.lineTo(at.x - size * 0.58, at.y + size * 0.44);
  ctx.closePath();
}

/** Begins the path of the red octagon. */
export function octagon(ctx: CanvasRenderingContext2D, at: Point, size: number): void {
  ctx.beginPath();
  for (let i = 0; i < 8; i++) {
    const angle = (Math.PI / 4) * i + Math.PI / 8;
    ctx.lineTo(at.x + (size / 2) * Math.cos(angle), at.y + (size / 2) * Math.sin(angle));
  }
  ctx.closePath();
}

/** Begins the path of the amber diamond. */
export function diamond(ctx: CanvasRenderingContext2D, at: Point, size: number): void {
  const half = size * 0.6;
  ctx.beginPath();
  ctx.moveTo(at.x, at.y - half);
  ctx.lineTo(at.x + half, at.y);
  ctx.lineTo(at.x, at.y + half);
  ctx.lineTo(at.x - half, at.y);
  ctx.closePath();
}

/** The box grown on all sides. */
export function grow(box: Box, by: number): Box {
  return { left: box.left - by, top: box.top - by, width: box.width + 2 * by, height: box.height + 2 * by };
}

/** Warning sign: an amber triangle, or a red octagon, each with its mark. */
export function drawSign(
  ctx: CanvasRenderingContext2D,
  kind: 'warn' | 'fail',
  at: Point,
  size: number,
  colors: MapColors,
): void {
  if (kind === 'warn') triangle(ctx, at, size);
  else octagon(ctx, at, size);
  ctx.fillStyle = kind === 'warn' ? colors.warn : colors.fail;
  ctx.fill();
  ctx.fillStyle = colors.card;
  ctx.fillRect(at.x - size * 0.06, at.y - size * 0.22, size * 0.12, size * 0.32);
  ctx.fillRect(at.x - size * 0.06, at.y + size * 0.17, size * 0.12, size * 0.12);
}

/** Sign of what is not as it was applied: an amber diamond with ≠. */
export function drawDriftSign(
  ctx: CanvasRenderingContext2D,
  at: Point,
  size: number,
  colors: MapColors,
): void {
  diamond(ctx, at, size);
  ctx.fillStyle = colors.warn;
  ctx.fill();
  ctx.strokeStyle = colors.card;
  ctx.lineWidth = size * 0.09;
  ctx.beginPath();
  for (const y of [-0.1, 0.1]) {
    ctx.moveTo(at.x - size * 0.24, at.y + size * y);
    ctx.lineTo(at.x + size * 0.24, at.y + size * y);
  }
  ctx.moveTo(at.x + size * 0.12, at.y - size * 0.27);
  ctx.lineTo(at.x - size * 0.12, at.y + size * 0.27);
  ctx.stroke();
}

/** A ring around a selected, focused or lifted element. */
export function drawRing(ctx: CanvasRenderingContext2D, color: string, width: number, dash?: number[]): void {
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = width;
  if (dash) ctx.setLineDash(dash);
  ctx.stroke();
  ctx.restore();
}
