import type cytoscape from 'cytoscape';
import { boxAround, boxesOverlap, scaledAbout, sizeOf, type Box, type Point } from '../layout/geometry.ts';
import { controlPoint, edgeBends, type Curve } from '../layout/edge-bends.ts';
import { hubRoom, hubScale } from '../layout/hub-room.ts';
import { placeAll } from '../layout/place-near.ts';
import type { HitBox } from '../gesture/hit-test.ts';
import type { ElementKey } from '../model/element-key.ts';
import type { GraphModel, GraphNode } from '../model/graph-model.ts';
import type { Detail } from '../model/level-of-detail.ts';
import type { SceneEdge, SceneNode } from '../paint/scene.ts';
import { meshPositions } from './sync-elements.ts';

const NO_MODEL: GraphModel = { nodes: new Map(), edges: new Map(), hidden: { filtered: 0, system: 0 } };

/** Where everything is. Positions are kept for elements that are filtered away, too. */
export class Board {
  model: GraphModel = NO_MODEL;
  /** True once a person has moved something, or once saved positions were taken. */
  arranged = false;
  #known = new Map<ElementKey, Point>();
  readonly #schemes = new Map([['plain', this.#known]]);
  readonly #cy: cytoscape.Core;
  #parents = new Set<ElementKey>();
  #bends: ReadonlyMap<ElementKey, number> = new Map();
  #hubRoom = Infinity;

  constructor(cy: cytoscape.Core) {
    this.#cy = cy;
  }

  /** All positions that were ever found. */
  get known(): Map<ElementKey, Point> {
    return this.#known;
  }

  /** Takes positions that were saved. */
  take(saved: ReadonlyMap<ElementKey, Point>): void {
    for (const [key, at] of saved) this.#known.set(key, at);
    this.arranged = true;
  }

  /** Grouped and ungrouped maps keep positions of their own. True where the scheme changed. */
  useScheme(name: string): boolean {
    const scheme = this.#schemes.get(name) ?? new Map<ElementKey, Point>();
    const changed = scheme !== this.#known;
    this.#schemes.set(name, scheme);
    this.#known = scheme;
    return changed;
  }

  /** Takes a new model: finds places for what has none. Gives the positions of all leaves. */
  setModel(model: GraphModel): Map<ElementKey, Point> {
    this.model = model;
    this.#parents = new Set([...model.nodes.values()].flatMap((node) => node.parent ?? []));
    for (const [key, at] of placeAll(model, this.#known, this.arranged)) this.#known.set(key, at);
    for (const [key, at] of meshPositions(model, (domain) => this.#known.get(`domain:${domain}`)))
      this.#known.set(key, at);
    const positions = new Map<ElementKey, Point>();
    for (const key of model.nodes.keys()) {
      const at = this.#known.get(key);
      if (at) positions.set(key, at);
    }
    return positions;
  }

  /** True where other nodes lie in this one. */
  isParent(key: ElementKey): boolean {
    return this.#parents.has(key);
  }

  /** How many times their size hubs are drawn at the present zoom. */
  hubScale(): number {
    return hubScale(this.#cy.zoom(), this.#hubRoom);
  }

  /** Finds the way of each edge and the room of hubs again: something has moved. Gives how far each edge bends. */
  bend(): ReadonlyMap<ElementKey, number> {
    const hubs = new Map(
      [...this.model.nodes.values()]
        .filter((node) => node.type === 'domain')
        .map((node) => [node.key, this.#ownBox(node)]),
    );
    const clusters = [...this.model.nodes.values()].filter((node) => node.type === 'cluster');
    this.#hubRoom = hubRoom(
      [...hubs.values()],
      clusters.map((node) => this.#ownBox(node)),
    );
    this.#bends = edgeBends(
      this.model.edges.values(),
      (key) => {
        const node = this.model.nodes.get(key);
        return node && middle(this.#ownBox(node));
      },
      hubs,
      this.hubScale(),
    );
    return this.#bends;
  }

  /** The box that a node is drawn in at the present zoom: from far away hubs are larger, and pills with them. */
  box(node: GraphNode): Box {
    const hub = node.type === 'mesh' ? `domain:${node.domain}` : node.key;
    const center = node.type === 'domain' || node.type === 'mesh' ? this.#known.get(hub) : undefined;
    const own = this.#ownBox(node);
    return center === undefined ? own : scaledAbout(center, own, this.hubScale());
  }

  /** A node's own box, or what its children need. */
  #ownBox(node: GraphNode): Box {
    if (this.#parents.has(node.key) || node.type === 'cluster') {
      const { x1, y1, w, h } = this.#cy
        .getElementById(node.key)
        .boundingBox({ includeLabels: false, includeOverlays: false });
      return { left: x1, top: y1, width: w, height: h };
    }
    return boxAround(this.#known.get(node.key) ?? { x: 0, y: 0 }, sizeOf(node));
  }

  /** Nodes as they are drawn, compounds first, those out of view left out. */
  sceneNodes(view?: Box): SceneNode[] {
    const order: Record<GraphNode['type'], number> = {
      cluster: 0,
      namespace: 1,
      node: 2,
      workload: 2,
      domain: 3,
      mesh: 4,
    };
    const nodes: SceneNode[] = [];
    for (const node of this.model.nodes.values()) {
      const box = this.box(node);
      if (view === undefined || boxesOverlap(box, view, 24)) nodes.push({ node, box });
    }
    return nodes.toSorted((a, b) => order[a.node.type] - order[b.node.type]);
  }

  /** Edges between the borders of their ends, those that are off or out of view left out. */
  sceneEdges(view: Box, isOff: (key: ElementKey) => boolean): SceneEdge[] {
    const boxes = new Map<ElementKey, Box>();
    const boxOf = (key: ElementKey) => {
      const known = boxes.get(key);
      const node = this.model.nodes.get(key);
      if (known || node === undefined) return known;
      const box = this.box(node);
      boxes.set(key, box);
      return box;
    };
    const edges: SceneEdge[] = [];
    for (const edge of this.model.edges.values()) {
      if (isOff(edge.key)) continue;
      const a = boxOf(edge.source);
      const b = boxOf(edge.target);
      if (a === undefined || b === undefined) continue;
      const from = border(a, middle(b));
      const to = border(b, middle(a));
      const box = {
        left: Math.min(from.x, to.x),
        top: Math.min(from.y, to.y),
        width: Math.abs(from.x - to.x),
        height: Math.abs(from.y - to.y),
      };
      if (boxesOverlap(box, view, 200)) edges.push({ edge, ...this.#curve(edge.key, from, to) });
    }
    return edges;
  }

  /** The way of an edge. Where it bends Cytoscape has turned its ends towards the control point. */
  #curve(key: ElementKey, from: Point, to: Point): Curve {
    const bend = this.#bends.get(key) ?? 0;
    if (bend === 0) return { from, to };
    const edge = this.#cy.getElementById(key);
    return {
      from: edge.sourceEndpoint(),
      to: edge.targetEndpoint(),
      control: controlPoint(from, to, bend),
    };
  }

  /** What can be hit at a level of detail. */
  hitBoxes(detail: Detail): HitBox[] {
    const boxes: HitBox[] = [];
    for (const node of this.model.nodes.values())
      if (detail !== 'far' || node.type !== 'workload')
        boxes.push({
          key: node.key,
          box: this.box(node),
          compound: this.#parents.has(node.key) || node.type === 'cluster',
        });
    return boxes;
  }
}

/** The centre of a box. */
export function middle(box: Box): Point {
  return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
}

/** Where the line from a box's centre towards a point leaves the box. */
export function border(box: Box, towards: Point): Point {
  const center = middle(box);
  const dx = towards.x - center.x;
  const dy = towards.y - center.y;
  const scale = Math.min(
    dx === 0 ? Infinity : box.width / 2 / Math.abs(dx),
    dy === 0 ? Infinity : box.height / 2 / Math.abs(dy),
    1,
  );
  return { x: center.x + dx * scale, y: center.y + dy * scale };
}
