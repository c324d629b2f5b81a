import type { ElementKey } from '../model/element-key.ts';
import type { Point } from '../layout/geometry.ts';

/**
 * The connect gesture, in all its ways; every way ends in the same `connect`.
 *
 *   idle --press handle--> pressed --move--> dragging --release--> idle, connect
 *                             '----release--> armed ----click-----> idle, connect
 *   idle --press edge---> held ----move----> detaching --release--> idle, connect with the canvas
 *   idle --C------------> picking ---pick--> idle, connect
 *   any  --Escape-------> idle
 */
export type GestureState =
  | { readonly kind: 'idle' }
  | { readonly kind: 'pressed'; readonly source: ElementKey; readonly from: Point }
  | { readonly kind: 'dragging'; readonly source: ElementKey; readonly at: Point; readonly over: Target }
  | { readonly kind: 'armed'; readonly source: ElementKey; readonly at?: Point; readonly over: Target }
  | { readonly kind: 'held'; readonly edge: ElementKey; readonly from: Point }
  | { readonly kind: 'detaching'; readonly edge: ElementKey; readonly at: Point; readonly out: boolean }
  | { readonly kind: 'picking'; readonly source: ElementKey };

/** What the pointer is over; undefined is the empty canvas. */
export type Target = ElementKey | undefined;

export type GestureEvent =
  | { readonly type: 'press-handle'; readonly source: ElementKey; readonly at: Point }
  | { readonly type: 'press-edge'; readonly edge: ElementKey; readonly at: Point }
  | { readonly type: 'move'; readonly at: Point; readonly over: Target }
  | { readonly type: 'release'; readonly over: Target }
  | { readonly type: 'click'; readonly over: Target }
  | { readonly type: 'connect-key'; readonly source: ElementKey }
  | { readonly type: 'pick'; readonly target: ElementKey }
  | { readonly type: 'escape' };

export interface GestureStep {
  readonly state: GestureState;
  /** Present where the gesture ended: what is to be connected. */
  readonly connect?: { readonly source: ElementKey; readonly target: ElementKey };
}

/** Key of the empty canvas as a target. */
export const CANVAS: ElementKey = 'canvas:';
export const IDLE: GestureState = { kind: 'idle' };

/** A press that moves no farther than this is a click. */
const CLICK_SLOP_PX = 5;
/** An edge pulled farther than this is let go. */
const DETACH_PX = 28;

/** The gesture after an event. Points are in pixels of the screen. */
export function stepGesture(state: GestureState, event: GestureEvent): GestureStep {
  if (event.type === 'escape') return { state: IDLE };
  if (event.type === 'connect-key') return { state: { kind: 'picking', source: event.source } };
  switch (state.kind) {
    case 'idle':
      if (event.type === 'press-handle')
        return { state: { kind: 'pressed', source: event.source, from: event.at } };
      if (event.type === 'press-edge') return { state: { kind: 'held', edge: event.edge, from: event.at } };
      return { state };
    case 'pressed':
      if (event.type === 'move' && distance(event.at, state.from) > CLICK_SLOP_PX)
        return { state: { kind: 'dragging', source: state.source, at: event.at, over: event.over } };
      if (event.type === 'release')
        return { state: { kind: 'armed', source: state.source, over: undefined } };
      return { state };
    case 'dragging':
      if (event.type === 'move') return { state: { ...state, at: event.at, over: event.over } };
      if (event.type === 'release') return end(state.source, event.over);
      return { state };
    case 'armed':
      if (event.type === 'move') return { state: { ...state, at: event.at, over: event.over } };
      if (event.type === 'click') return end(state.source, event.over);
      if (event.type === 'press-handle')
        return { state: { kind: 'pressed', source: event.source, from: event.at } };
      return { state };
    case 'held':
      if (event.type === 'move' && distance(event.at, state.from) > CLICK_SLOP_PX)
        return { state: { kind: 'detaching', edge: state.edge, at: event.at, out: false } };
      return { state: event.type === 'release' ? IDLE : state };
    case 'detaching':
      if (event.type === 'move') return { state: { ...state, at: event.at, out: event.over !== state.edge } };
      if (event.type === 'release')
        return state.out ? { state: IDLE, connect: { source: state.edge, target: CANVAS } } : { state: IDLE };
      return { state };
    case 'picking':
      return event.type === 'pick' ? end(state.source, event.target) : { state };
  }
}

/** Where the pointer is too near to an edge for the edge to be let go, it counts as over the edge. */
export function detachTarget(edge: ElementKey, distancePx: number): Target {
  return distancePx < DETACH_PX ? edge : undefined;
}

/** The element that a gesture comes from, while there is one. */
export function gestureSource(state: GestureState): ElementKey | undefined {
  switch (state.kind) {
    case 'idle':
    case 'held':
      return undefined;
    case 'detaching':
      return state.edge;
    case 'pressed':
    case 'dragging':
    case 'armed':
    case 'picking':
      return state.source;
  }
}

/** Dropping a thing on itself is a change of mind. */
function end(source: ElementKey, over: Target): GestureStep {
  return over === source ? { state: IDLE } : { state: IDLE, connect: { source, target: over ?? CANVAS } };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
