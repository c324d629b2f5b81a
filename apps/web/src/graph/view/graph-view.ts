import type cytoscape from 'cytoscape';
import {
  CANVAS,
  IDLE,
  stepGesture,
  type GestureEvent,
  type GestureState,
} from '../gesture/gesture-machine.ts';
import { hitTest, SNAP_PX } from '../gesture/hit-test.ts';
import type { Legality } from '../gesture/legal-targets.ts';
import type { Point, Positions } from '../layout/geometry.ts';
import { labelOf, type ElementKey } from '../model/element-key.ts';
import type { GraphModel, Lens } from '../model/graph-model.ts';
import { detailAt, type Detail } from '../model/level-of-detail.ts';
import { readColors, type MapColors } from '../paint/map-colors.ts';
import { travels } from '../paint/paint-edge.ts';
import type { Ghost, Marks } from '../paint/scene.ts';
import { forgetText } from '../paint/text.ts';
import { border, Board } from './board.ts';
import { Camera } from './camera.ts';
import { ConnectHandle } from './connect-handle.ts';
import { createCore, stylesheet } from './cy-core.ts';
import { edgeLook } from './edge-look.ts';
import { gestureNote } from './gesture-note.ts';
import type { GraphHandlers } from './handlers.ts';
import { bindKeyboard } from './keyboard.ts';
import { Painter, type Painted } from './painter.ts';
import { bindPointer } from './pointer.ts';
import { refreshLooks, resizeHubs, syncBends, syncElements } from './sync-elements.ts';

/** Types of elements that a gesture can begin at. */
const SOURCES = new Set(['workload', 'namespace', 'cluster', 'mesh', 'domain']);

/**
 * The map: one Cytoscape instance for edges, clusters and hit-testing, a canvas above it for cards, and
 * the connect gesture. Made once a tab and moved between pages; models are patched in by id.
 */
export class GraphView {
  readonly element: HTMLDivElement;
  readonly camera: Camera;
  readonly board: Board;
  readonly #cy: cytoscape.Core;
  readonly #painter: Painter;
  readonly #handle: ConnectHandle;
  readonly #motion = window.matchMedia('(prefers-reduced-motion: reduce)');
  #handlers: GraphHandlers;
  #colors: MapColors;
  #lens: Lens = 'members';
  #detail: Detail = 'names';
  #gesture: GestureState = IDLE;
  #legality: Legality = new Map();
  #legal: ReadonlySet<ElementKey> = new Set();
  #selected: ElementKey | undefined;
  #focused: ElementKey | undefined;
  #hovered: ElementKey | undefined;
  #group: ReadonlySet<ElementKey> = new Set();
  #bending = 0;

  constructor(handlers: GraphHandlers) {
    this.#handlers = handlers;
    this.element = document.createElement('div');
    this.element.className = 'fl-map';
    const surface = document.createElement('div');
    surface.className = 'fl-surface';
    this.element.append(surface);
    this.#cy = createCore(surface);
    this.#colors = readColors(document.documentElement);
    this.board = new Board(this.#cy);
    this.camera = new Camera(this.#cy, () => this.#motion.matches);
    this.#handle = new ConnectHandle(this.element, (key, at) => this.pressHandle(key, at));
    this.#painter = new Painter(this.element, this.#painted(), (at) => this.camera.center(at));
    this.#cy.on('render', () => this.#painter.paint());
    this.#cy.on('zoom', () => this.#onZoom());
    this.#cy.on('position', 'node', (event) => this.#onPosition(event.target as cytoscape.NodeSingular));
    this.#cy.on('dragfree', 'node', () => {
      this.camera.hold();
      this.board.arranged = true;
      this.#handlers.onMoved(this.board.known);
    });
    bindPointer(this.#cy, this);
    bindKeyboard(this.element, this);
    new ResizeObserver(() => this.#resize()).observe(this.element);
    void document.fonts.ready.then(() => {
      forgetText();
      this.requestPaint();
    });
    this.setTheme();
  }

  get cy(): cytoscape.Core {
    return this.#cy;
  }

  get handlers(): GraphHandlers {
    return this.#handlers;
  }

  set handlers(handlers: GraphHandlers) {
    this.#handlers = handlers;
  }

  get gesture(): GestureState {
    return this.#gesture;
  }

  get legality(): Legality {
    return this.#legality;
  }

  get detail(): Detail {
    return this.#detail;
  }

  get selected(): ElementKey | undefined {
    return this.#selected;
  }

  get focused(): ElementKey | undefined {
    return this.#focused;
  }

  /** Draws a model: what stays keeps its place. The first one is fitted to the window. */
  setModel(model: GraphModel, lens: Lens): void {
    const grouped = [...model.nodes.values()].some((node) => node.type === 'namespace');
    const moved = this.board.useScheme(grouped ? 'grouped' : 'plain');
    const first = this.board.model.nodes.size === 0;
    this.#lens = lens;
    const positions = this.board.setModel(model);
    syncElements(this.#cy, model, positions, (key) => this.#look(key)!);
    if (moved || !this.board.arranged) this.#place(positions);
    this.#bend();
    if (moved) this.camera.fit(undefined, false);
    else if (first || model.nodes.size === 0) this.camera.fit(undefined, false);
    else this.camera.settle();
    if (this.#focused !== undefined && !this.#has(this.#focused)) this.focus(undefined);
    this.#painter.animate([...model.edges.values()].some(travels));
    this.requestPaint();
  }

  /** Takes positions that were saved; elements that have no place yet find one beside them. */
  setPositions(positions: Positions, animate: boolean): void {
    this.board.arranged = true;
    for (const [key, at] of positions) this.board.known.set(key, at);
    const all = this.board.setModel(this.board.model);
    const calm = !animate || this.#motion.matches || all.size > 400;
    for (const [key, at] of all) {
      const node = this.#cy.getElementById(key);
      if (node.empty() || node.isParent()) continue;
      if (calm) node.position({ ...at });
      else node.animate({ position: { ...at } }, { duration: 420, easing: 'ease-in-out-cubic' });
    }
    if (calm) this.camera.fit(undefined, false);
    else setTimeout(() => this.camera.fit(), 440);
  }

  select(key: ElementKey | undefined): void {
    if (this.#selected === key) return;
    this.#selected = key;
    refreshLooks(this.#cy, (edge) => this.#look(edge));
    this.#showHandle();
    this.requestPaint();
  }

  /** Marks what is connected together. */
  setGroup(group: ReadonlySet<ElementKey>): void {
    this.#group = group;
    this.requestPaint();
  }

  focus(key: ElementKey | undefined): void {
    this.#focused = key;
    const node = key === undefined ? undefined : this.board.model.nodes.get(key);
    if (node) this.camera.reveal(this.board.box(node));
    this.#handlers.onFocus(key);
    this.requestPaint();
  }

  hover(key: ElementKey | undefined): void {
    if (this.#hovered === key) return;
    const edges = this.board.model.edges;
    const told = [this.#hovered, key].some((each) => each !== undefined && edges.has(each));
    this.#hovered = key;
    this.#showHandle();
    if (told) this.requestPaint();
  }

  /** Reads the theme's colours again. */
  setTheme(): void {
    this.#colors = readColors(document.documentElement);
    this.#cy.style(stylesheet(this.#colors));
    refreshLooks(this.#cy, (key) => this.#look(key));
    this.requestPaint();
  }

  pressHandle(key: ElementKey, at: Point): void {
    this.send({ type: 'press-handle', source: key, at });
  }

  /** Feeds the gesture machine; what it ends in goes to the page. */
  send(event: GestureEvent): void {
    const blocked = event.type.startsWith('press') ? this.#handlers.blocked() : undefined;
    if (blocked !== undefined && event.type === 'press-handle') {
      this.#handle.note(blocked, this.toLocal(event.at), 'illegal');
      setTimeout(() => this.#handle.note(undefined), 2500);
      return;
    }
    const before = this.#gesture;
    const { state, connect } = stepGesture(before, event);
    this.#gesture = state;
    if (state.kind !== before.kind) this.#onGestureKind(state);
    this.#showNote();
    if (connect) this.#handlers.onConnect(connect.source, connect.target);
    if (state.kind !== before.kind) this.requestPaint();
    else this.#painter.requestMoving();
  }

  /** The element at a point of the page, or near it; undefined on the empty canvas. */
  hit(client: Point): ElementKey | undefined {
    return this.hitOnMap(this.camera.toMap(this.toLocal(client)), SNAP_PX);
  }

  /** The element at a point of the map, or within `snapPx` of it. */
  hitOnMap(at: Point, snapPx: number): ElementKey | undefined {
    return hitTest(this.board.hitBoxes(this.#detail), at, snapPx / this.#cy.zoom());
  }

  /** A point of the page in the map's container. */
  toLocal(client: Point): Point {
    const { left, top } = this.element.getBoundingClientRect();
    return { x: client.x - left, y: client.y - top };
  }

  /** Whether a pointer event is on the connect handle. */
  onHandle(target: EventTarget | null): boolean {
    return this.#handle.contains(target);
  }

  /** Paints at the next frame. */
  requestPaint(): void {
    this.#painter.request();
  }

  #has(key: ElementKey): boolean {
    return this.board.model.nodes.has(key) || this.board.model.edges.has(key);
  }

  #look(key: ElementKey) {
    const edge = this.board.model.edges.get(key);
    if (edge === undefined) return undefined;
    const selected =
      this.#selected !== undefined &&
      (this.#selected === key || this.#selected === edge.source || this.#selected === edge.target);
    return edgeLook(edge, { colors: this.#colors, detail: this.#detail, lens: this.#lens, selected });
  }

  #onZoom(): void {
    const zoom = this.#cy.zoom();
    resizeHubs(this.#cy, this.board.hubScale());
    const detail = detailAt(zoom);
    if (detail !== this.#detail) {
      this.#detail = detail;
      this.#bendSoon();
      refreshLooks(this.#cy, (key) => this.#look(key));
    }
    this.#handlers.onView({ zoom, detail });
  }

  #onPosition(node: cytoscape.NodeSingular): void {
    if (node.isParent()) return;
    this.board.known.set(node.id(), { ...node.position() });
    this.#bendSoon();
    const drawn = this.board.model.nodes.get(node.id());
    if (drawn?.type !== 'domain') return;
    for (const [key, at] of this.board.setModel(this.board.model)) {
      const mesh = this.board.model.nodes.get(key);
      if (mesh?.type === 'mesh' && mesh.domain === drawn.label)
        this.#cy.getElementById(key).position({ ...at });
    }
  }

  #place(positions: Positions): void {
    this.#cy.batch(() => {
      for (const [key, at] of positions) {
        const node = this.#cy.getElementById(key);
        const now = node.position();
        if (!node.isParent() && (now.x !== at.x || now.y !== at.y)) node.position({ ...at });
      }
    });
  }

  #bend(): void {
    syncBends(this.#cy, this.board.bend());
    resizeHubs(this.#cy, this.board.hubScale());
  }

  /** Many nodes move at once: edges find their way once a frame. */
  #bendSoon(): void {
    if (this.#bending !== 0) return;
    this.#bending = requestAnimationFrame(() => {
      this.#bending = 0;
      this.#bend();
    });
  }

  #onGestureKind(state: GestureState): void {
    const source = state.kind === 'dragging' || state.kind === 'armed' ? state.source : undefined;
    this.#legality =
      source === undefined ? new Map() : this.#handlers.judge(source, [...this.board.model.nodes.keys()]);
    this.#legal = new Set([...this.#legality].flatMap(([key, refusal]) => (refusal ? [] : [key])));
    if (state.kind === 'picking') this.#handlers.onConnectKey(state.source);
    if (state.kind === 'picking') this.#gesture = IDLE;
    this.element.dataset['gesture'] = state.kind;
    this.#showHandle();
  }

  #showHandle(): void {
    const busy = this.#gesture.kind !== 'idle' && this.#gesture.kind !== 'pressed';
    const key = busy ? undefined : (this.#hovered ?? this.#selected);
    const node = key === undefined ? undefined : this.board.model.nodes.get(key);
    if (node === undefined || !SOURCES.has(node.type) || (this.#detail === 'far' && node.type === 'workload'))
      return this.#handle.show(undefined);
    const box = this.board.box(node);
    const edge =
      node.type === 'cluster'
        ? { x: box.left + box.width, y: box.top + 22 }
        : { x: box.left + box.width + 5 / Math.min(1, this.#cy.zoom()), y: box.top + box.height / 2 };
    this.#handle.show(node.key, this.camera.toScreen(edge));
  }

  #showNote(): void {
    const note = gestureNote(this.#gesture, this.#legality, labelOf);
    this.#handle.note(note?.text, note && this.toLocal(note.at), note?.tone);
  }

  #marks(): Marks {
    const gesture = this.#gesture;
    const moving = gesture.kind === 'dragging' || gesture.kind === 'armed';
    return {
      selected: this.#selected,
      focused: document.activeElement === this.element ? this.#focused : undefined,
      hovered: this.#hovered,
      group: this.#group,
      ...(moving
        ? {
            gesture: {
              source: gesture.source,
              over: gesture.over,
              legal: this.#legal,
            },
          }
        : {}),
    };
  }

  #ghost(): Ghost | undefined {
    const gesture = this.#gesture;
    if ((gesture.kind !== 'dragging' && gesture.kind !== 'armed') || gesture.at === undefined)
      return undefined;
    const node = this.board.model.nodes.get(gesture.source);
    if (node === undefined) return undefined;
    const to = this.camera.toMap(this.toLocal(gesture.at));
    const box = this.board.box(node);
    const over = gesture.over ?? CANVAS;
    return {
      from: border(box, to),
      to,
      legal: over === CANVAS || this.#legal.has(over),
    };
  }

  #painted(): Painted {
    return {
      scene: () => {
        const view = this.camera.view();
        return {
          detail: this.#detail,
          zoom: this.#cy.zoom(),
          colors: this.#colors,
          nowMs: Date.now(),
          nodes: this.board.sceneNodes(view),
          edges: this.board.sceneEdges(view, (key) => this.#look(key)?.off ?? true),
          marks: this.#marks(),
          lens: this.#lens,
        };
      },
      moving: () => {
        const ghost = this.#ghost();
        return { marks: this.#marks(), ...(ghost ? { ghost } : {}) };
      },
      pan: () => this.#cy.pan(),
      view: () => this.camera.view(),
      nodes: () => this.board.sceneNodes(),
      calm: () => this.#motion.matches,
      done: () => this.#gesture.kind === 'idle' && this.#showHandle(),
    };
  }

  #resize(): void {
    const size = { width: this.element.clientWidth, height: this.element.clientHeight };
    if (size.width === 0) return;
    this.#painter.resize(size);
    this.#cy.resize();
    this.camera.settle();
    this.requestPaint();
  }
}
