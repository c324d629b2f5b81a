import type { Point, Size } from '../layout/geometry.ts';
import { paintMap } from '../paint/paint-map.ts';
import type { Scene } from '../paint/scene.ts';

/** The canvas above Cytoscape's, in step with its pan and zoom. */
export class Overlay {
  readonly canvas: HTMLCanvasElement;
  readonly #ctx: CanvasRenderingContext2D | null;

  constructor(parent: HTMLElement) {
    this.canvas = document.createElement('canvas');
    this.canvas.setAttribute('aria-hidden', 'true');
    this.canvas.className = 'fl-overlay';
    parent.append(this.canvas);
    this.#ctx = this.canvas.getContext('2d');
  }

  /** Fits the canvas to its container, in device pixels. */
  resize(size: Size): void {
    const ratio = window.devicePixelRatio || 1;
    this.canvas.width = Math.round(size.width * ratio);
    this.canvas.height = Math.round(size.height * ratio);
    this.canvas.style.width = `${size.width}px`;
    this.canvas.style.height = `${size.height}px`;
  }

  /** Paints a frame. */
  paint(scene: Scene, pan: Point): void {
    const ctx = this.#ctx;
    if (!ctx) return;
    const ratio = window.devicePixelRatio || 1;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, this.canvas.width, this.canvas.height);
    ctx.setTransform(ratio * scene.zoom, 0, 0, ratio * scene.zoom, ratio * pan.x, ratio * pan.y);
    paintMap(ctx, scene);
  }
}
