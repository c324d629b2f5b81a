import fc from 'fast-check';
import type { Json } from '../conformance/api.ts';

export const FINALIZER = 'example.com/hold';

/** An owner that is nowhere. */
const OWNER = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  name: 'ghost',
  uid: '00000000-0000-4000-8000-000000000002',
};

/** Mostly a good value, one time in `rarity` a bad one. */
export function spoiled<T, U>(good: fc.Arbitrary<T>, bad: fc.Arbitrary<U>, rarity = 30): fc.Arbitrary<T | U> {
  return fc.oneof({ weight: rarity - 1, arbitrary: good }, { weight: 1, arbitrary: bad });
}

/** A record of which any field may be left out. */
export function some(fields: Record<string, fc.Arbitrary<Json>>): fc.Arbitrary<Json> {
  return fc.record(fields, { requiredKeys: [] });
}

/** A small map from the keys. */
export function mapOf(keys: readonly string[], value: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  return some(Object.fromEntries(keys.map((key) => [key, value])));
}

export const labels = spoiled(
  mapOf(['app', 'tier', 'example.com/zone'], fc.constantFrom('a', 'b', '1', '')),
  fc.constantFrom<Json>({ app: 'not ok' }, { '-bad': 'a' }, { app: 1 }, { app: 'x'.repeat(64) }, 'text'),
);

export const annotations = spoiled(
  mapOf(['example.com/note', 'note'], fc.constantFrom('a', 'some words', '{"a":1}')),
  fc.constantFrom<Json>({ 'not ok': 'a' }, { note: true }, ['a']),
);

/** What a request may say of metadata, but for name and namespace. */
export const metadataPart: fc.Arbitrary<Json> = fc
  .tuple(
    some({
      labels,
      annotations,
      finalizers: spoiled(
        fc.constantFrom<Json>([FINALIZER], [FINALIZER], [], [FINALIZER, 'example.com/more']),
        fc.constantFrom<Json>('text', [FINALIZER, FINALIZER]),
      ),
    }),
    spoiled(
      fc.constant({}),
      fc.constantFrom<Json>(
        { generation: 7 },
        { uid: '' },
        { resourceVersion: '1' },
        { resourceVersion: '' },
        { namespace: 'elsewhere' },
        { creationTimestamp: '2026-01-02T03:04:05Z' },
        { creationTimestamp: null },
        { selfLink: '/here' },
        { labels: null },
        { name: 'other' },
        { name: '' },
        { unknown: 1 },
        { managedFields: [] },
        { ownerReferences: [OWNER] },
        { ownerReferences: [{ ...OWNER, controller: true, blockOwnerDeletion: true }] },
        { ownerReferences: null },
      ),
      10,
    ),
  )
  .map(([usual, rare]) => ({ ...usual, ...rare }));
