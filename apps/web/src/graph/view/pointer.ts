import type cytoscape from 'cytoscape';
import { detachTarget } from '../gesture/gesture-machine.ts';
import { distanceToSegment } from '../gesture/hit-test.ts';
import type { Point } from '../layout/geometry.ts';
import { middle } from './board.ts';
import type { GraphView } from './graph-view.ts';

/** Turns pointer events into selection, hovering and gesture events. */
export function bindPointer(cy: cytoscape.Core, view: GraphView): void {
  let edgeUnder: string | undefined;
  cy.on('mouseover', 'edge', (event) => {
    edgeUnder = (event.target as cytoscape.EdgeSingular).id();
  });
  cy.on('mouseout', 'edge', () => {
    edgeUnder = undefined;
  });
  view.element.addEventListener('pointermove', (event) => {
    if (view.gesture.kind !== 'idle' || event.buttons !== 0 || view.onHandle(event.target)) return;
    view.hover(view.hit({ x: event.clientX, y: event.clientY }) ?? edgeUnder);
  });
  cy.on('tap', (event) => {
    const key = event.target === cy ? undefined : (event.target as cytoscape.SingularElementArgument).id();
    const shift = (event.originalEvent as MouseEvent | undefined)?.shiftKey === true;
    if (shift && key?.startsWith('workload:')) view.handlers.onGroup(key);
    else if (view.gesture.kind === 'armed') view.send({ type: 'click', over: view.hit(clientPoint(event)) });
    else view.handlers.onSelect(view.detail === 'far' ? clusterOf(view, key) : key);
  });
  cy.on('dbltap', 'node', (event) => {
    const key = (event.target as cytoscape.NodeSingular).id();
    if (key.startsWith('namespace:')) view.handlers.onToggleFold(key);
    else if (key.startsWith('cluster:')) view.camera.fit([key]);
    else view.handlers.onOpen(key);
  });
  cy.on('tapstart', 'edge', (event) => {
    const key = (event.target as cytoscape.EdgeSingular).id();
    if (key !== view.selected || view.board.model.edges.get(key)?.type !== 'member') return;
    cy.userPanningEnabled(false);
    view.send({ type: 'press-edge', edge: key, at: clientPoint(event) });
  });
  window.addEventListener('pointermove', (event) => onMove(view, { x: event.clientX, y: event.clientY }));
  window.addEventListener('pointerup', (event) => {
    cy.userPanningEnabled(true);
    const at = { x: event.clientX, y: event.clientY };
    if (view.gesture.kind !== 'idle' && view.gesture.kind !== 'armed')
      view.send({ type: 'release', over: view.hit(at) });
  });
  view.element.addEventListener('pointerleave', () => view.hover(undefined));
}

function onMove(view: GraphView, at: Point): void {
  const { gesture } = view;
  if (gesture.kind === 'idle') return;
  const edge = gesture.kind === 'held' || gesture.kind === 'detaching' ? gesture.edge : undefined;
  view.send({ type: 'move', at, over: edge === undefined ? view.hit(at) : nearEdge(view, edge, at) });
}

function nearEdge(view: GraphView, key: string, client: Point): string | undefined {
  const edge = view.board.model.edges.get(key);
  const a = edge && view.board.model.nodes.get(edge.source);
  const b = edge && view.board.model.nodes.get(edge.target);
  if (!a || !b) return undefined;
  const at = view.camera.toMap(view.toLocal(client));
  const apart = distanceToSegment(at, middle(view.board.box(a)), middle(view.board.box(b)));
  return detachTarget(key, apart * view.cy.zoom());
}

function clusterOf(view: GraphView, key: string | undefined): string | undefined {
  const node = key === undefined ? undefined : view.board.model.nodes.get(key);
  return node?.type === 'workload' ? (node.parent ?? key) : key;
}

function clientPoint(event: cytoscape.EventObject): Point {
  const { clientX, clientY } = event.originalEvent as MouseEvent;
  return { x: clientX, y: clientY };
}
