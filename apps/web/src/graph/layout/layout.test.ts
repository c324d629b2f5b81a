import { arbitraryWorld } from '@flatland/shared/testing/arbitrary-world';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inputOf, sampleTopology, topologyOf } from '../../testing/sample.ts';
import { buildGraph } from '../model/build-graph.ts';
import type { GraphModel, GraphNode } from '../model/graph-model.ts';
import { controlPoint, edgeBends, pointOnCurve } from './edge-bends.ts';
import {
  boxAround,
  boxContains,
  boxesOverlap,
  scaledAbout,
  sizeOf,
  type Box,
  type Point,
  type Size,
} from './geometry.ts';
import { hubScale } from './hub-room.ts';
import { layoutGraph, type LayoutGraph } from './layout-graph.ts';
import { placeAll } from './place-near.ts';
import { ringLayout } from './ring-layout.ts';
import { fcoseGraph } from './run-fcose.ts';

const sample = buildGraph(inputOf(sampleTopology()));

describe('the first layout', () => {
  it('places every leaf, and none over another', () => {
    fc.assert(
      fc.property(arbitraryWorld, fc.boolean(), (world, groupNamespaces) => {
        const model = buildGraph(inputOf(topologyOf(world), { options: { groupNamespaces } }));
        const positions = ringLayout(layoutGraph(model));
        expect([...positions.keys()].toSorted(byText)).toEqual(leavesOf(model));
        expectApart(model, positions);
      }),
      { numRuns: 60 },
    );
  });

  it('puts the hubs in the middle and clusters around them', () => {
    const positions = ringLayout(layoutGraph(sample));
    const x = (key: string) => positions.get(key)!.x;
    const y = (key: string) => positions.get(key)!.y;
    expect(x('workload:aws-east/shop/Deployment/cart')).toBeLessThan(x('domain:red'));
    expect(x('workload:gke-west/shop/Deployment/catalog')).toBeGreaterThan(x('domain:red'));
    expect(y('workload:onprem-fra/dev/Deployment/sandbox-api')).toBeGreaterThan(y('domain:sandbox'));
  });

  it('leaves room for hubs as they are drawn where a large map is seen whole', () => {
    const window = { width: 1150, height: 640 };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 120 }),
        fc.integer({ min: 1, max: 9 }),
        (nClusters, nWorkloads, nDomains) => {
          const graph = wideGraph(nClusters, nWorkloads, nDomains);
          const positions = ringLayout(graph);
          const boxes = new Map(
            [...positions].map(([key, at]) => [key, boxAround(at, sizeOf({ type: typeOf(key) }))]),
          );
          const zoom = fitting([...boxes.values()], window);
          const drawn = (key: string) => {
            const box = boxes.get(key)!;
            return typeOf(key) === 'domain' ? scaledAbout(positions.get(key)!, box, hubScale(zoom)) : box;
          };
          for (const hub of graph.hubs) {
            const box = drawn(hub);
            const under = [...boxes.keys()].filter((key) => key !== hub && boxesOverlap(box, drawn(key)));
            expect(under, `under ${hub} at ${zoom}`).toEqual([]);
          }
        },
      ),
      {
        numRuns: 80,
        examples: [
          [9, 5, 5],
          [9, 7, 5],
          [3, 333, 3],
        ],
      },
    );
  });

  it('makes blocks of many cards that are longer along the hubs than away from them', () => {
    const positions = ringLayout(wideGraph(3, 100, 3));
    const span = (cluster: string, axis: 'x' | 'y') => {
      const at = [...positions]
        .filter(([key]) => key.startsWith(`workload:${cluster}/`))
        .map(([, p]) => p[axis]);
      return Math.max(...at) - Math.min(...at);
    };
    for (const side of ['c0', 'c1']) expect(span(side, 'y')).toBeGreaterThan(span(side, 'x'));
    expect(span('c2', 'x')).toBeGreaterThan(span('c2', 'y'));
  });

  it('is the same every time', () => {
    expect(ringLayout(layoutGraph(sample))).toEqual(ringLayout(layoutGraph(sample)));
  });
});

describe('a map that grows', () => {
  it('keeps every position it has, and puts what is new beside its siblings', () => {
    const known = placeAll(sample, new Map());
    const added = 'workload:aws-east/shop/Deployment/checkout';
    const node = sample.nodes.get('workload:aws-east/shop/Deployment/cart')!;
    const grown = { ...sample, nodes: new Map([...sample.nodes, [added, { ...node, key: added }]]) };
    const positions = placeAll(grown, known);
    for (const [key, at] of known) expect(positions.get(key)).toEqual(at);
    const at = positions.get(added)!;
    const siblings = [...known].filter(([key]) => key.startsWith('workload:aws-east/')).map(([, p]) => p);
    expect(Math.min(...siblings.map((p) => Math.hypot(p.x - at.x, p.y - at.y)))).toBeLessThan(120);
    expectApart(grown, positions);
  });

  it('puts what is new beside what is in its way', () => {
    const known = placeAll(sample, new Map());
    const added = 'workload:aws-east/shop/Deployment/checkout';
    const node = sample.nodes.get('workload:aws-east/shop/Deployment/cart')!;
    const grown = { ...sample, nodes: new Map([...sample.nodes, [added, { ...node, key: added }]]) };
    known.set('domain:red', placeAll(grown, known).get(added)!);
    expectApart(grown, placeAll(grown, known));
  });

  it('is laid out anew while much is still coming in, unless somebody has arranged it', () => {
    const early = { ...sample, nodes: new Map([...sample.nodes].slice(0, 5)), edges: new Map() };
    const known = placeAll(early, new Map());
    expect(placeAll(sample, known, false)).toEqual(placeAll(sample, new Map()));
    const kept = placeAll(sample, known, true);
    for (const [key, at] of known) if (kept.has(key)) expect(kept.get(key)).toEqual(at);
  });

  it('never moves what is known, whatever appears', () => {
    fc.assert(
      fc.property(arbitraryWorld, arbitraryWorld, (before, after) => {
        const known = placeAll(buildGraph(inputOf(topologyOf(before))), new Map());
        const model = buildGraph(inputOf(topologyOf(after)));
        const positions = placeAll(model, known);
        expect([...positions.keys()].toSorted(byText)).toEqual(leavesOf(model));
        const kept = [...positions.keys()].filter((key) => known.has(key));
        if (kept.length > 0) for (const key of kept) expect(positions.get(key)).toEqual(known.get(key));
      }),
      { numRuns: 40 },
    );
  });
});

describe('edges', () => {
  const edge = sample.edges.get('membership:aws-east/shop/Deployment/cart|red')!;
  const from = { x: 0, y: 0 };
  const to = { x: 600, y: 0 };
  const centers = (key: string): Point => (key === edge.source ? from : to);

  it('are straight where nothing is in the way', () => {
    const hubs = new Map([['domain:far', boxAround({ x: 300, y: 400 }, sizeOf({ type: 'domain' }))]]);
    expect(edgeBends([edge], centers, hubs).get(edge.key)).toBe(0);
  });

  it('go around a hub that is in the way, wherever it lies', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 500 }), fc.integer({ min: -50, max: 50 }), (x, y) => {
        const box = boxAround({ x, y }, sizeOf({ type: 'domain' }));
        const bend = edgeBends([edge], centers, new Map([['domain:other', box]])).get(edge.key)!;
        const control = controlPoint(from, to, bend);
        // Ends near a hub bend as far as they may; the middle of the way is always clear.
        if (x < 200 || x > 400) return;
        for (let part = 0.25; part <= 0.75; part += 0.05)
          expect(boxContains(box, pointOnCurve({ from, to, control }, part))).toBe(false);
      }),
    );
  });

  it('do not go around their own hub', () => {
    const box = boxAround(to, sizeOf({ type: 'domain' }));
    expect(edgeBends([edge], centers, new Map([[edge.target, box]])).get(edge.key)).toBe(0);
  });
});

describe('the layout by forces', () => {
  it('gets every node but the pills, with parents that are there', () => {
    const graph = fcoseGraph(sample);
    const keys = new Set(graph.nodes.map((node) => node.key));
    expect(keys.size).toBe([...sample.nodes.values()].filter((node) => node.type !== 'mesh').length);
    for (const node of graph.nodes) if (node.parent !== undefined) expect(keys.has(node.parent)).toBe(true);
    for (const line of graph.edges) {
      expect(keys.has(line.source)).toBe(true);
      expect(keys.has(line.target)).toBe(true);
    }
  });
});

/** Clusters of equally many workloads, dealt to domains in turn. */
function wideGraph(nClusters: number, nWorkloads: number, nDomains: number): LayoutGraph {
  const hubs = Array.from({ length: nDomains }, (_, index) => `domain:d${index}`);
  const node = sample.nodes.get('workload:aws-east/shop/Deployment/cart')!;
  const groups = Array.from({ length: nClusters }, (_, cluster) => ({
    key: `cluster:c${cluster}`,
    leaves: Array.from({ length: nWorkloads }, (_, index) => ({
      key: `workload:c${cluster}/shop/Deployment/w${index}`,
      node,
    })),
  }));
  const leaves = groups.flatMap((group) => group.leaves);
  return {
    groups,
    hubs,
    hubsOf: new Map(leaves.map((leaf, index) => [leaf.key, [hubs[index % nDomains]!]])),
  };
}

function typeOf(key: string): GraphNode['type'] {
  return key.slice(0, key.indexOf(':')) as GraphNode['type'];
}

/** The zoom at which boxes are seen whole in a window, as the camera finds it, 1 at most. */
function fitting(boxes: readonly Box[], window: Size): number {
  const span = (low: (box: Box) => number, high: (box: Box) => number) =>
    Math.max(...boxes.map(high)) - Math.min(...boxes.map(low));
  const width = span(
    (box) => box.left,
    (box) => box.left + box.width,
  );
  const height = span(
    (box) => box.top,
    (box) => box.top + box.height,
  );
  return Math.min(1, window.width / width, window.height / height);
}

function leavesOf(model: GraphModel): string[] {
  const parents = new Set([...model.nodes.values()].flatMap((node) => node.parent ?? []));
  return [...model.nodes.values()]
    .filter((node) => node.type !== 'mesh' && !parents.has(node.key))
    .map((node) => node.key)
    .toSorted(byText);
}

function expectApart(model: GraphModel, positions: ReadonlyMap<string, Point>): void {
  const boxes = [...positions].map(
    ([key, at]) => [key, boxAround(at, sizeOf(model.nodes.get(key)!))] as const,
  );
  for (const [index, [key, box]] of boxes.entries())
    for (const [other, otherBox] of boxes.slice(index + 1))
      expect(boxesOverlap(box, otherBox), `${key} over ${other}`).toBe(false);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
