import type { Point, Size } from '../layout/geometry.ts';

/** A canvas above Cytoscape's, in step with its pan and zoom. */
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

  /** Clears the canvas, and lets a frame be painted in the map's own units. */
  paint(
    camera: { readonly zoom: number; readonly pan: Point },
    by: (ctx: CanvasRenderingContext2D) => void,
  ): void {
    const ctx = this.#ctx;
    if (!ctx) return;
    const ratio = window.devicePixelRatio || 1;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const { zoom, pan } = camera;
    ctx.setTransform(ratio * zoom, 0, 0, ratio * zoom, ratio * pan.x, ratio * pan.y);
    by(ctx);
  }
}
