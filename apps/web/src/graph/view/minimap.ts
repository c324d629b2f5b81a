import type { Box, Point } from '../layout/geometry.ts';
import type { MapColors } from '../paint/map-colors.ts';
import type { SceneNode } from '../paint/scene.ts';

const SIZE = { width: 156, height: 104 };
const INSET = 6;

/** A small picture of the whole map with the part in view; a click goes there. */
export class Minimap {
  readonly canvas: HTMLCanvasElement;
  readonly #ctx: CanvasRenderingContext2D | null;
  #toMap: (at: Point) => Point = (at) => at;

  constructor(parent: HTMLElement, onGo: (at: Point) => void) {
    this.canvas = document.createElement('canvas');
    this.canvas.className = 'fl-minimap';
    this.canvas.setAttribute('aria-hidden', 'true');
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = SIZE.width * ratio;
    this.canvas.height = SIZE.height * ratio;
    this.#ctx = this.canvas.getContext('2d');
    parent.append(this.canvas);
    const go = (event: PointerEvent) => onGo(this.#toMap({ x: event.offsetX, y: event.offsetY }));
    this.canvas.addEventListener('pointerdown', (event) => {
      event.stopPropagation();
      this.canvas.setPointerCapture(event.pointerId);
      go(event);
    });
    this.canvas.addEventListener('pointermove', (event) => {
      if (this.canvas.hasPointerCapture(event.pointerId)) go(event);
    });
  }

  /** Paints all nodes and the view; hides itself where everything is in view. */
  paint(nodes: readonly SceneNode[], view: Box, colors: MapColors): void {
    const ctx = this.#ctx;
    const whole = bounds(nodes);
    const allSeen =
      whole === undefined ||
      (whole.left >= view.left &&
        whole.top >= view.top &&
        whole.left + whole.width <= view.left + view.width &&
        whole.top + whole.height <= view.top + view.height);
    this.canvas.hidden = allSeen;
    if (!ctx || whole === undefined || allSeen) return;
    const scale = Math.min(
      (SIZE.width - 2 * INSET) / Math.max(1, whole.width),
      (SIZE.height - 2 * INSET) / Math.max(1, whole.height),
    );
    const left = (SIZE.width - whole.width * scale) / 2 - whole.left * scale;
    const top = (SIZE.height - whole.height * scale) / 2 - whole.top * scale;
    this.#toMap = (at) => ({ x: (at.x - left) / scale, y: (at.y - top) / scale });
    const ratio = window.devicePixelRatio || 1;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, SIZE.width, SIZE.height);
    for (const { node, box } of nodes) {
      ctx.fillStyle =
        node.type === 'cluster'
          ? colors.clusterLine
          : node.type === 'domain'
            ? (colors.hues[node.mark.hue.slot] ?? colors.ink)
            : colors.ink3;
      ctx.fillRect(
        left + box.left * scale,
        top + box.top * scale,
        Math.max(1.5, box.width * scale),
        Math.max(1.5, box.height * scale),
      );
    }
    ctx.strokeStyle = colors.focus;
    ctx.lineWidth = 1.25;
    ctx.strokeRect(left + view.left * scale, top + view.top * scale, view.width * scale, view.height * scale);
  }
}

function bounds(nodes: readonly SceneNode[]): Box | undefined {
  if (nodes.length === 0) return undefined;
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { box } of nodes) {
    left = Math.min(left, box.left);
    top = Math.min(top, box.top);
    right = Math.max(right, box.left + box.width);
    bottom = Math.max(bottom, box.top + box.height);
  }
  return { left, top, width: right - left, height: bottom - top };
}
