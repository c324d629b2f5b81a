import { REASONS } from '@flatland/shared/reason/reasons';
import { pointOnCurve } from '../layout/edge-bends.ts';
import { boxAround, boxesOverlap, type Point, type Size } from '../layout/geometry.ts';
import type { GraphEdge, MemberEdge, TrafficEdge } from '../model/graph-model.ts';
import { proofText } from '../model/proof-text.ts';
import { drawGlyph, type Glyph } from './glyphs.ts';
import { MONO, SANS } from './map-colors.ts';
import type { Scene, SceneEdge, StillScene } from './scene.ts';
import { drawSign } from './shapes.ts';

/** What a proof takes: a check, a time and a round trip. */
const PROOF_PILL: Size = { width: 160, height: 20 };
/** Where a counted edge says its count: nearer to what is counted, clear of the hubs. */
const COUNT_AT = 0.36;

/** What an edge says of its state at its middle: never by colour alone. */
export function paintEdge(ctx: CanvasRenderingContext2D, scene: StillScene, drawn: SceneEdge): void {
  const { edge, from, to } = drawn;
  const middle = at(drawn, 0.5);
  switch (edge.type) {
    case 'member':
      paintMember(ctx, scene, edge, { drawn, middle });
      break;
    case 'counted':
      pill(
        ctx,
        scene,
        `${edge.count}`,
        at(drawn, COUNT_AT),
        hue(scene, edge),
        Math.max(1, Math.min(9, 0.95 / scene.zoom)),
      );
      break;
    case 'span':
      disc(ctx, scene, edge.staged === 'add' ? 'plus' : 'minus', middle, scene.colors.staged);
      break;
    case 'enrol':
      disc(ctx, scene, 'plus', middle, scene.colors.staged);
      break;
    case 'traffic':
      if (edge.state === 'denied') {
        bar(ctx, scene, from, to, middle);
        pill(
          ctx,
          scene,
          edge.code ? REASONS[edge.code].title : 'denied',
          offset(middle, 18),
          scene.colors.fail,
          1,
        );
      }
      break;
    case 'tunnel':
      if (scene.detail !== 'far')
        drawGlyph(ctx, 'lock', {
          x: middle.x - 6,
          y: middle.y - 6,
          size: 12,
          color: edge.up ? scene.colors.ink3 : scene.colors.fail,
          weight: 2.4,
        });
      if (edge.path === 'relay') pill(ctx, scene, 'relay', offset(middle, 16), scene.colors.warn, 1);
      break;
  }
}

/** What travels along an edge: packets, and a membership on its way. */
export function paintTravelling(ctx: CanvasRenderingContext2D, scene: Scene, drawn: SceneEdge): void {
  const { edge } = drawn;
  if (!travels(edge) || (edge.type === 'traffic' && scene.detail === 'far')) return;
  dot(ctx, at(drawn, scene.phase), edge.type === 'traffic' ? 3 : 4, hue(scene, edge));
}

/** True where something travels along an edge. */
export function travels(edge: GraphEdge): edge is MemberEdge | TrafficEdge {
  return edge.type === 'traffic'
    ? edge.state === 'live'
    : edge.type === 'member' && edge.state.kind === 'programming';
}

function paintMember(
  ctx: CanvasRenderingContext2D,
  scene: StillScene,
  edge: MemberEdge,
  line: { readonly drawn: SceneEdge; readonly middle: Point },
): void {
  const { colors, detail, marks } = scene;
  const { drawn } = line;
  const { state } = edge;
  const told = marks.selected === edge.key || marks.hovered === edge.key || marks.focused === edge.key;
  switch (state.kind) {
    case 'staged-add':
      disc(ctx, scene, 'plus', line.middle, colors.staged);
      break;
    case 'staged-remove':
      bar(ctx, scene, drawn.from, drawn.to, line.middle, colors.staged);
      disc(ctx, scene, 'minus', line.middle, colors.staged);
      break;
    case 'programming':
      if (told || detail === 'close')
        pill(
          ctx,
          scene,
          `programmed ${state.programmed}/${state.instances}`,
          line.middle,
          hue(scene, edge),
          1,
        );
      break;
    case 'member':
      break;
    case 'proved':
      if (scene.lens === 'traffic' && !told) break;
      if (told || marks.selected === edge.source)
        pill(
          ctx,
          scene,
          proofText(state),
          clearOfCards(scene, drawn, PROOF_PILL),
          hue(scene, edge),
          1,
          'check',
        );
      else if (detail === 'names' || detail === 'close')
        disc(ctx, scene, 'check', line.middle, hue(scene, edge), 6.5);
      break;
    case 'disagrees':
    case 'failed':
      drawSign(ctx, 'fail', line.middle, detail === 'far' ? 26 : 18, colors);
      if (detail !== 'far')
        pill(ctx, scene, REASONS[state.code].title, offset(line.middle, 19), colors.fail, 1);
      break;
  }
}

function hue(scene: StillScene, edge: Extract<GraphEdge, { readonly mark: unknown }>): string {
  return scene.colors.hues[edge.mark.hue.slot] ?? scene.colors.ink;
}

function disc(
  ctx: CanvasRenderingContext2D,
  scene: StillScene,
  glyph: Glyph,
  at: Point,
  color: string,
  radius = 9,
): void {
  ctx.beginPath();
  ctx.arc(at.x, at.y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = scene.colors.card;
  ctx.fill();
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.5;
  ctx.stroke();
  const size = radius * 1.3;
  drawGlyph(ctx, glyph, { x: at.x - size / 2, y: at.y - size / 2, size, color, weight: 3.4 });
}

function pill(
  ctx: CanvasRenderingContext2D,
  scene: StillScene,
  text: string,
  at: Point,
  color: string,
  scale: number,
  glyph?: Glyph,
): void {
  ctx.font = `500 ${11 * scale}px ${glyph ? MONO : SANS}`;
  const inset = (glyph ? 22 : 8) * scale;
  const width = ctx.measureText(text).width + inset + 8 * scale;
  const height = 20 * scale;
  ctx.beginPath();
  ctx.roundRect(at.x - width / 2, at.y - height / 2, width, height, height / 2);
  ctx.fillStyle = scene.colors.card;
  ctx.fill();
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.25 * scale;
  ctx.stroke();
  ctx.fillStyle = scene.colors.ink;
  ctx.textAlign = 'left';
  ctx.textBaseline = 'middle';
  ctx.fillText(text, at.x - width / 2 + inset, at.y + 0.5 * scale);
  if (glyph) drawGlyph(ctx, glyph, { x: at.x - width / 2 + 7, y: at.y - 5.5, size: 11, color, weight: 3 });
}

/** A bar across a line: struck out, or denied. */
function bar(
  ctx: CanvasRenderingContext2D,
  scene: StillScene,
  from: Point,
  to: Point,
  at: Point,
  color = scene.colors.fail,
): void {
  const length = Math.hypot(to.x - from.x, to.y - from.y) || 1;
  const normal = { x: -(to.y - from.y) / length, y: (to.x - from.x) / length };
  ctx.beginPath();
  ctx.moveTo(at.x - normal.x * 14, at.y - normal.y * 14);
  ctx.lineTo(at.x + normal.x * 14, at.y + normal.y * 14);
  ctx.strokeStyle = color;
  ctx.lineWidth = 2.5;
  ctx.stroke();
}

function dot(ctx: CanvasRenderingContext2D, at: Point, radius: number, color: string): void {
  ctx.beginPath();
  ctx.arc(at.x, at.y, radius, 0, 2 * Math.PI);
  ctx.fillStyle = color;
  ctx.fill();
}

/** The point of an edge nearest to its middle where something of a size lies on no card and no hub; else the middle. */
function clearOfCards(scene: StillScene, drawn: SceneEdge, size: Size): Point {
  const taken = scene.nodes.filter(({ node }) => node.type !== 'cluster' && node.type !== 'namespace');
  for (const part of [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74]) {
    const box = boxAround(at(drawn, part), size);
    if (!taken.some((other) => boxesOverlap(box, other.box))) return at(drawn, part);
  }
  return at(drawn, 0.5);
}

function at(drawn: SceneEdge, part: number): Point {
  return pointOnCurve(drawn, part);
}

function offset(at: Point, y: number): Point {
  return { x: at.x, y: at.y + y };
}
