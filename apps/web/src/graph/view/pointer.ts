import type cytoscape from 'cytoscape';
import { detachTarget } from '../gesture/gesture-machine.ts';
import { distanceToSegment } from '../gesture/hit-test.ts';
import type { Point } from '../layout/geometry.ts';
import { middle } from './board.ts';
import type { GraphView } from './graph-view.ts';

/**
 * Turns pointer events into selection, hovering and gesture events. Where the map moves under a pointer that
 * rests, what is under it now is hovered.
 */
export function bindPointer(cy: cytoscape.Core, view: GraphView): void {
  let edgeUnder: string | undefined;
  cy.on('mouseover', 'edge', (event) => {
    edgeUnder = (event.target as cytoscape.EdgeSingular).id();
  });
  cy.on('mouseout', 'edge', () => {
    edgeUnder = undefined;
  });
  let resting: Point | undefined;
  view.element.addEventListener('pointermove', (event) => {
    resting = undefined;
    if (view.gesture.kind !== 'idle' || event.buttons !== 0 || view.onHandle(event.target)) return;
    if (event.target instanceof Element && event.target.matches('.fl-minimap')) return view.hover(undefined);
    resting = { x: event.clientX, y: event.clientY };
    view.hover(view.hit(resting) ?? edgeUnder);
  });
  let looking = 0;
  cy.on('viewport position add remove', () => {
    if (looking !== 0 || resting === undefined) return;
    looking = requestAnimationFrame(() => {
      looking = 0;
      if (resting && view.gesture.kind === 'idle') view.hover(view.hit(resting) ?? edgeUnder);
    });
  });
  cy.on('tap', (event) => {
    const key = tapped(cy, view, event);
    const shift = (event.originalEvent as MouseEvent | undefined)?.shiftKey === true;
    if (shift && key?.startsWith('workload:')) view.handlers.onGroup(key);
    else if (view.gesture.kind === 'armed') view.send({ type: 'click', over: view.hit(clientPoint(event)) });
    else view.handlers.onSelect(key);
  });
  cy.on('dbltap', 'node', (event) => {
    const key = tapped(cy, view, event) ?? '';
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
  view.element.addEventListener('pointerleave', () => {
    resting = undefined;
    view.hover(undefined);
  });
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

/** What a tap means: the edge under it, else the node that is drawn there. */
function tapped(cy: cytoscape.Core, view: GraphView, event: cytoscape.EventObject): string | undefined {
  const onEdge = event.target !== cy && (event.target as cytoscape.SingularElementArgument).isEdge();
  return onEdge ? (event.target as cytoscape.EdgeSingular).id() : view.hitOnMap(event.position, 0);
}

function clientPoint(event: cytoscape.EventObject): Point {
  const original = event.originalEvent as MouseEvent | TouchEvent;
  const { clientX, clientY } = 'changedTouches' in original ? original.changedTouches[0]! : original;
  return { x: clientX, y: clientY };
}
