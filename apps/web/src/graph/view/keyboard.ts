import { CANVAS } from '../gesture/gesture-machine.ts';
import type { Point } from '../layout/geometry.ts';
import { firstNode, nearestIn, type Direction } from '../keyboard/nearest.ts';
import type { ElementKey } from '../model/element-key.ts';
import { middle } from './board.ts';
import type { GraphView } from './graph-view.ts';

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
};

/**
 * The map by keyboard: arrows move, Enter opens, Space adds to the group, C connects, E goes round the node's memberships,
 * Delete leaves one, Escape lets go, + - 0 zoom.
 */
export function bindKeyboard(element: HTMLElement, view: GraphView): void {
  element.addEventListener('focus', () => {
    if (view.focused === undefined) view.focus(view.selected ?? firstNode(places(view)));
    else view.requestPaint();
  });
  element.addEventListener('blur', () => view.requestPaint());
  // A drag begins at the handle, which takes no focus: Escape lets go wherever the focus is.
  window.addEventListener(
    'keydown',
    (event) => {
      if (event.key !== 'Escape' || view.gesture.kind === 'idle') return;
      view.send({ type: 'escape' });
      event.preventDefault();
      event.stopPropagation();
    },
    { capture: true },
  );
  element.addEventListener('keydown', (event) => {
    if (event.target !== element || event.metaKey || event.ctrlKey || event.altKey) return;
    if (onKey(view, event.key)) {
      event.preventDefault();
      event.stopPropagation();
    }
  });
}

function onKey(view: GraphView, key: string): boolean {
  const direction = ARROWS[key];
  if (direction !== undefined) return move(view, direction);
  const { focused } = view;
  switch (key) {
    case 'Enter':
      if (focused !== undefined) view.handlers.onSelect(focused);
      return true;
    case ' ':
      if (focused?.startsWith('workload:')) view.handlers.onGroup(focused);
      return true;
    case 'c':
    case 'C':
      if (focused !== undefined && view.board.model.nodes.has(focused))
        view.send({ type: 'connect-key', source: focused });
      return true;
    case 'e':
    case 'E':
      return nextEdge(view);
    case 'Delete':
    case 'Backspace': {
      const edge = [focused, view.selected].find((candidate) => candidate?.startsWith('membership:'));
      if (edge !== undefined) view.handlers.onConnect(edge, CANVAS);
      return edge !== undefined;
    }
    case 'Escape':
      if (view.selected !== undefined) view.handlers.onSelect(undefined);
      else view.element.blur();
      return true;
    case '+':
    case '=':
      view.camera.zoomBy(1);
      return true;
    case '-':
      view.camera.zoomBy(-1);
      return true;
    case '0':
      view.camera.fit();
      return true;
    default:
      return false;
  }
}

function move(view: GraphView, direction: Direction): boolean {
  const all = places(view);
  const from = at(view, view.focused);
  const next = from ? nearestIn(direction, from, all) : firstNode(all);
  if (next !== undefined) view.focus(next);
  return true;
}

/** The next membership edge of the focused node, or of the focused edge's workload. */
function nextEdge(view: GraphView): boolean {
  const { focused } = view;
  if (focused === undefined) return true;
  const { edges } = view.board.model;
  const owner = edges.get(focused)?.source ?? focused;
  const own = [...edges.values()].filter(
    (edge) => edge.type === 'member' && (edge.source === owner || edge.target === owner),
  );
  const index = own.findIndex((edge) => edge.key === focused);
  const next = own[(index + 1) % Math.max(1, own.length)];
  if (next) view.focus(next.key);
  return true;
}

function places(view: GraphView): [ElementKey, Point][] {
  return [...view.board.model.nodes.values()]
    .filter((node) => view.detail !== 'far' || node.type !== 'workload')
    .map((node) => [node.key, middle(view.board.box(node))]);
}

function at(view: GraphView, key: ElementKey | undefined): Point | undefined {
  const edge = key === undefined ? undefined : view.board.model.edges.get(key);
  const node = view.board.model.nodes.get(edge?.source ?? key ?? '');
  return node && middle(view.board.box(node));
}
