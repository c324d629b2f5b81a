import type { Box, Point } from '../layout/geometry.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SAMPLE, sampleTopology } from '../../testing/sample.ts';
import { nearestIn, firstNode } from '../keyboard/nearest.ts';
import { keyOf } from '../model/element-key.ts';
import { CANVAS, IDLE, stepGesture, type GestureEvent, type GestureState } from './gesture-machine.ts';
import { distanceToSegment, hitTest } from './hit-test.ts';
import { judgeTargets, judgeTogether } from './legal-targets.ts';

const A = 'workload:a';
const HUB = 'domain:red';
const EDGE = 'membership:a|red';
const at = (x: number, y = 0): Point => ({ x, y });

describe('the connect gesture', () => {
  it('connects by dragging from the handle', () => {
    expect(
      run([
        { type: 'press-handle', source: A, at: at(0) },
        { type: 'move', at: at(40), over: undefined },
        { type: 'move', at: at(80), over: HUB },
        { type: 'release', over: HUB },
      ]),
    ).toEqual({ state: IDLE, connected: [{ source: A, target: HUB }] });
  });

  it('connects by a click on the handle and a click on the target', () => {
    expect(
      run([
        { type: 'press-handle', source: A, at: at(0) },
        { type: 'move', at: at(2), over: undefined },
        { type: 'release', over: A },
        { type: 'move', at: at(90), over: HUB },
        { type: 'click', over: HUB },
      ]),
    ).toEqual({ state: IDLE, connected: [{ source: A, target: HUB }] });
  });

  it('connects by keyboard', () => {
    expect(run([{ type: 'connect-key', source: A }]).state).toEqual({ kind: 'picking', source: A });
    expect(
      run([
        { type: 'connect-key', source: A },
        { type: 'pick', target: HUB },
      ]).connected,
    ).toEqual([{ source: A, target: HUB }]);
  });

  it('means a new domain on the empty canvas', () => {
    expect(
      run([
        { type: 'press-handle', source: A, at: at(0) },
        { type: 'move', at: at(40), over: undefined },
        { type: 'release', over: undefined },
      ]).connected,
    ).toEqual([{ source: A, target: CANVAS }]);
  });

  it('means nothing on the source itself', () => {
    expect(
      run([
        { type: 'press-handle', source: A, at: at(0) },
        { type: 'move', at: at(40), over: HUB },
        { type: 'release', over: A },
      ]),
    ).toEqual({ state: IDLE, connected: [] });
  });

  it('leaves by pulling an edge away, and not by pulling it a little', () => {
    const pull = (over: string | undefined) =>
      run([
        { type: 'press-edge', edge: EDGE, at: at(0) },
        { type: 'move', at: at(20), over: EDGE },
        { type: 'move', at: at(60), over },
        { type: 'release', over: undefined },
      ]).connected;
    expect(pull(undefined)).toEqual([{ source: EDGE, target: CANVAS }]);
    expect(pull(EDGE)).toEqual([]);
  });

  it('is let go by Escape in every state', () => {
    fc.assert(
      fc.property(fc.array(arbitraryEvent()), (events) => {
        const { state } = run([...events, { type: 'escape' }]);
        expect(state).toEqual(IDLE);
      }),
    );
  });

  it('connects at most once for each press, key or click, and ends idle when it does', () => {
    fc.assert(
      fc.property(fc.array(arbitraryEvent()), (events) => {
        let state: GestureState = IDLE;
        let begun = 0;
        for (const event of events) {
          if (event.type === 'press-handle' || event.type === 'press-edge' || event.type === 'connect-key')
            begun++;
          const step = stepGesture(state, event);
          if (step.connect) {
            expect(step.state).toEqual(IDLE);
            begun--;
          }
          state = step.state;
          expect(begun).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});

describe('what is under the pointer', () => {
  const box = (left: number, top: number, size = 100): Box => ({ left, top, width: size, height: size });
  const cluster = { key: 'cluster:c', box: box(0, 0, 500), compound: true };
  const leaf = { key: A, box: box(100, 100), compound: false };

  it('is the node in the cluster, not the cluster', () => {
    expect(hitTest([cluster, leaf], at(150, 150), 15)).toBe(A);
    expect(hitTest([leaf, cluster], at(150, 150), 15)).toBe(A);
  });

  it('is the node within the snap, also from outside of it', () => {
    expect(hitTest([cluster, leaf], at(210, 150), 15)).toBe(A);
    expect(hitTest([cluster, leaf], at(220, 150), 15)).toBe('cluster:c');
    expect(hitTest([cluster, leaf], at(-5, -5), 15)).toBeUndefined();
  });

  it('is an edge only near its segment', () => {
    expect(distanceToSegment(at(50, 10), at(0), at(100))).toBe(10);
    expect(distanceToSegment(at(-30, 40), at(0), at(100))).toBe(50);
  });
});

describe('legal targets', () => {
  const topology = sampleTopology();
  const targets = [
    ...Object.keys(topology.domains).map((id) => keyOf({ type: 'domain', id })),
    ...Object.keys(topology.workloads).map((id) => keyOf({ type: 'workload', id })),
  ];

  it('are judged with the reason: reporting may join green, is in red, and clashes with sandbox', () => {
    const judged = judgeTargets(keyOf({ type: 'workload', id: SAMPLE.reporting }), targets, topology);
    expect(judged.get('domain:green')).toBeUndefined();
    expect(judged.has('domain:green')).toBe(true);
    expect(judged.get('domain:red')?.code).toBe('already-member');
    expect(judged.get('domain:sandbox')).toEqual({
      code: 'prefix-clash',
      detail: 'sandbox and red both use 10.81.0.0/16',
    });
  });

  it('of several sources are those of any of them', () => {
    const both = [SAMPLE.cart, SAMPLE.ledgerDb].map((id) => keyOf({ type: 'workload', id }));
    const judged = judgeTogether(both, targets, topology);
    expect(judged.get('domain:red')).toBeUndefined();
    expect(judged.get('domain:green')).toBeUndefined();
    const one = judgeTogether(both.slice(0, 1), targets, topology);
    expect(one.get('domain:red')?.code).toBe('already-member');
  });

  it('leave out the source', () => {
    const source = keyOf({ type: 'workload', id: SAMPLE.cart });
    expect(judgeTargets(source, targets, topology).has(source)).toBe(false);
  });
});

describe('arrow keys', () => {
  const nodes = [
    ['mid', at(0, 0)],
    ['right', at(100, 20)],
    ['far-right', at(300, 0)],
    ['below', at(10, 80)],
  ] as const;

  it('go to the nearest node in their direction', () => {
    expect(nearestIn('right', at(0, 0), nodes)).toBe('right');
    expect(nearestIn('down', at(0, 0), nodes)).toBe('below');
    expect(nearestIn('left', at(0, 0), nodes)).toBeUndefined();
    expect(nearestIn('left', at(300, 0), nodes)).toBe('right');
  });

  it('begin at the top left', () => {
    expect(firstNode(nodes)).toBe('mid');
    expect(firstNode([])).toBeUndefined();
  });
});

function run(events: readonly GestureEvent[]) {
  const connected: { source: string; target: string }[] = [];
  let state: GestureState = IDLE;
  for (const event of events) {
    const step = stepGesture(state, event);
    state = step.state;
    if (step.connect) connected.push(step.connect);
  }
  return { state, connected };
}

function arbitraryEvent(): fc.Arbitrary<GestureEvent> {
  const point = fc.record({ x: fc.integer({ min: 0, max: 200 }), y: fc.integer({ min: 0, max: 200 }) });
  const over = fc.constantFrom(undefined, A, HUB, EDGE);
  return fc.oneof(
    fc.record({ type: fc.constant('press-handle' as const), source: fc.constant(A), at: point }),
    fc.record({ type: fc.constant('press-edge' as const), edge: fc.constant(EDGE), at: point }),
    fc.record({ type: fc.constant('move' as const), at: point, over }),
    fc.record({ type: fc.constant('release' as const), over }),
    fc.record({ type: fc.constant('click' as const), over }),
    fc.record({ type: fc.constant('connect-key' as const), source: fc.constant(A) }),
    fc.record({ type: fc.constant('pick' as const), target: fc.constant(HUB) }),
    fc.constant({ type: 'escape' as const }),
  );
}
