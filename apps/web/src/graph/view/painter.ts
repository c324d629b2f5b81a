import type { Box, Point, Size } from '../layout/geometry.ts';
import { paintMap, paintMoving } from '../paint/paint-map.ts';
import type { Scene, SceneNode, StillScene } from '../paint/scene.ts';
import { Minimap } from './minimap.ts';
import { Overlay } from './overlay.ts';

const PHASE_MS = 1600;

/** What is to be painted, asked for when it is painted. */
export interface Painted {
  /** Everything that is in view, as it is now. */
  scene(): StillScene;
  /** What follows the pointer. */
  moving(): Pick<Scene, 'marks' | 'ghost'>;
  pan(): Point;
  view(): Box;
  /** All nodes, in view or not. */
  nodes(): readonly SceneNode[];
  /** True where nothing moves by itself. */
  calm(): boolean;
  /** Everything was painted. */
  done(): void;
}

/**
 * Paints the canvases above Cytoscape's, once a frame at most. What moves with the pointer or by itself has a
 * canvas of its own, so that the thousands of things that stay are not painted again for it.
 */
export class Painter {
  readonly #map: Overlay;
  readonly #moving: Overlay;
  readonly #minimap: Minimap;
  readonly #parent: HTMLElement;
  readonly #painted: Painted;
  #scene: StillScene | undefined;
  #frame = 0;
  #movingFrame = 0;
  #loop = 0;

  constructor(parent: HTMLElement, painted: Painted, onGo: (at: Point) => void) {
    this.#parent = parent;
    this.#painted = painted;
    this.#map = new Overlay(parent);
    this.#moving = new Overlay(parent);
    this.#minimap = new Minimap(parent, onGo);
  }

  /** Paints everything at the next frame. */
  request(): void {
    if (this.#frame !== 0) return;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.paint();
    });
  }

  /** Paints at the next frame what moves. */
  requestMoving(): void {
    if (this.#movingFrame !== 0) return;
    this.#movingFrame = requestAnimationFrame(() => {
      this.#movingFrame = 0;
      this.#paintMoving();
    });
  }

  /** Paints everything now. */
  paint(): void {
    this.#scene = this.#painted.scene();
    const scene = this.#scene;
    this.#map.paint({ zoom: scene.zoom, pan: this.#painted.pan() }, (ctx) => paintMap(ctx, scene));
    this.#paintMoving();
    this.#minimap.paint(this.#painted.nodes(), this.#painted.view(), scene.colors);
    this.#painted.done();
  }

  /** Keeps painting what moves by itself, or stops. */
  animate(moves: boolean): void {
    cancelAnimationFrame(this.#loop);
    if (!moves || this.#painted.calm()) return;
    const tick = () => {
      if (this.#parent.isConnected) this.#paintMoving();
      this.#loop = requestAnimationFrame(tick);
    };
    this.#loop = requestAnimationFrame(tick);
  }

  /** Fits the canvases to their container. */
  resize(size: Size): void {
    this.#map.resize(size);
    this.#moving.resize(size);
  }

  #paintMoving(): void {
    if (this.#scene === undefined) return;
    const phase = this.#painted.calm() ? 0.5 : (performance.now() % PHASE_MS) / PHASE_MS;
    const scene: Scene = { ...this.#scene, ...this.#painted.moving(), phase };
    this.#moving.paint({ zoom: scene.zoom, pan: this.#painted.pan() }, (ctx) => paintMoving(ctx, scene));
  }
}
