import type { Topology } from '@flatland/shared/topology/topology';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyTopologyPatch } from '../../test/apply-topology-patch.ts';
import { diffTopology } from './diff-topology.ts';

const elements = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', 'd', '__proto__', 'constructor'),
  fc.oneof(
    fc.record({ x: fc.nat(3), list: fc.array(fc.nat(2), { maxLength: 3 }) }, { requiredKeys: ['x'] }),
    fc.record({ y: fc.dictionary(fc.constantFrom('p', 'q'), fc.boolean()) }),
  ),
  { noNullPrototype: true },
);
const topology = fc.record({
  clusters: elements,
  nodes: elements,
  workloads: elements,
  domains: elements,
  memberships: elements,
  meshes: elements,
  broken: elements,
}) as unknown as fc.Arbitrary<Topology>;

test('a patch turns what a client has into what the console has', () => {
  fc.assert(
    fc.property(topology, topology, (before, after) => {
      const patch = diffTopology(before, after);
      const patched =
        patch === undefined ? before : applyTopologyPatch(before, JSON.parse(JSON.stringify(patch)));
      expect(withoutProto(patched)).toEqual(withoutProto(after));
    }),
  );
});

test('nothing is said where nothing changed, whatever the order of keys', () => {
  fc.assert(
    fc.property(topology, (one) => {
      expect(diffTopology(one, structuredClone(one))).toBeUndefined();
      expect(diffTopology(one, reversed(one))).toBeUndefined();
    }),
  );
});

test('only what changed is said', () => {
  const before = empty({ nodes: { a: { x: 1 }, b: { x: 2 }, c: { x: 3 } } });
  const after = empty({ nodes: { a: { x: 1 }, b: { x: 9 }, d: { x: 4 } } });
  expect(diffTopology(before, after)).toEqual({ nodes: { b: { x: 9 }, c: null, d: { x: 4 } } });
});

function empty(more: object): Topology {
  const none = {
    clusters: {},
    nodes: {},
    workloads: {},
    domains: {},
    memberships: {},
    meshes: {},
    broken: {},
  };
  return { ...none, ...more } as unknown as Topology;
}

function reversed<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, inner]) => [key, reversed(inner)]),
  ) as T;
}

/** Names of elements are names of objects in Kubernetes, which never are `__proto__`. */
function withoutProto(value: Topology): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner: unknown) => (key === '__proto__' ? undefined : inner)),
  );
}
