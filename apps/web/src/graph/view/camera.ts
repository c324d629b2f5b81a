import type cytoscape from 'cytoscape';
import type { Box, Point } from '../layout/geometry.ts';

/** Room around a map that is fitted: for the chips above it, and the controls and the staged bar below. */
const ROOM_PX = { x: 44, top: 58, bottom: 84 };
const MAX_FIT_ZOOM = 1.1;
const ZOOM_STEP = 1.3;

/** Pan and zoom. Until a person moves it, it keeps the whole map in view. */
export class Camera {
  readonly #cy: cytoscape.Core;
  readonly #calm: () => boolean;
  #touched = false;

  constructor(cy: cytoscape.Core, calm: () => boolean) {
    this.#cy = cy;
    this.#calm = calm;
    cy.on('dragpan scrollzoom pinchzoom', () => {
      this.#touched = true;
    });
  }

  /** Fits the whole map, or some of its elements. */
  fit(keys?: readonly string[], animate = true): void {
    const cy = this.#cy;
    const some = keys?.map((key) => cy.getElementById(key)).filter((element) => element.nonempty()) ?? [];
    const elements = some.length > 0 ? cy.collection(some as never) : cy.nodes();
    this.#touched = some.length > 0;
    if (elements.empty() || cy.width() === 0) return;
    const box = elements.boundingBox({ includeLabels: false, includeOverlays: false });
    const room = { width: cy.width() - 2 * ROOM_PX.x, height: cy.height() - ROOM_PX.top - ROOM_PX.bottom };
    const zoom = Math.max(
      cy.minZoom(),
      Math.min(MAX_FIT_ZOOM, room.width / Math.max(1, box.w), room.height / Math.max(1, box.h)),
    );
    const pan = {
      x: cy.width() / 2 - (zoom * (box.x1 + box.x2)) / 2,
      y: ROOM_PX.top + room.height / 2 - (zoom * (box.y1 + box.y2)) / 2,
    };
    cy.stop(true);
    const now = { zoom: cy.zoom(), ...cy.pan() };
    if (now.zoom === zoom && now.x === pan.x && now.y === pan.y) return;
    if (animate && !this.#calm()) cy.animate({ zoom, pan }, { duration: 260, easing: 'ease-out-cubic' });
    else cy.viewport({ zoom, pan });
  }

  /** Fits again after a change of size or content, unless a person has moved the camera. */
  settle(): void {
    if (!this.#touched) this.fit();
  }

  /** A person arranged the map: it is not fitted again by itself. */
  hold(): void {
    this.#touched = true;
  }

  /** Zooms about the middle: in above 0, out below. */
  zoomBy(steps: number): void {
    const cy = this.#cy;
    this.#touched = true;
    const level = Math.min(cy.maxZoom(), Math.max(cy.minZoom(), cy.zoom() * ZOOM_STEP ** steps));
    cy.zoom({ level, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
  }

  /** Brings a point of the map to the middle. */
  center(at: Point): void {
    const cy = this.#cy;
    this.#touched = true;
    cy.pan({ x: cy.width() / 2 - at.x * cy.zoom(), y: cy.height() / 2 - at.y * cy.zoom() });
  }

  /** Brings a box into view where it is not. */
  reveal(box: Box): void {
    const view = this.view();
    const inside =
      box.left >= view.left &&
      box.top >= view.top &&
      box.left + box.width <= view.left + view.width &&
      box.top + box.height <= view.top + view.height;
    if (!inside) this.center({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
  }

  /** The part of the map that is in view. */
  view(): Box {
    const { x1, y1, w, h } = this.#cy.extent();
    return { left: x1, top: y1, width: w, height: h };
  }

  /** A point of the container on the map. */
  toMap(at: Point): Point {
    const pan = this.#cy.pan();
    const zoom = this.#cy.zoom();
    return { x: (at.x - pan.x) / zoom, y: (at.y - pan.y) / zoom };
  }

  /** A point of the map in the container. */
  toScreen(at: Point): Point {
    const pan = this.#cy.pan();
    const zoom = this.#cy.zoom();
    return { x: at.x * zoom + pan.x, y: at.y * zoom + pan.y };
  }
}
