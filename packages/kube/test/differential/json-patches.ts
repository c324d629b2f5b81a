import fc from 'fast-check';
import type { Json } from '../conformance/api.ts';
import type { Kind } from './kinds.ts';
import { spoiled } from './values.ts';

/** One operation of a JSON patch (RFC 6902) on an object of the kind, or what is none. */
export function jsonPatchOperation(kind: Kind): fc.Arbitrary<Json> {
  const pointers = [
    '/metadata/labels/app',
    '/metadata/labels',
    '/metadata/annotations/example.com~1note',
    '/metadata/name',
    ...kind.pointers,
  ];
  const path = fc.constantFrom(...pointers);
  const value = fc.oneof(kind.value, fc.constantFrom('a', 'b'));
  return spoiled(
    fc.oneof(
      fc.record({ op: fc.constantFrom('add', 'add', 'replace', 'test'), path, value }),
      fc.record({ op: fc.constant('remove'), path }),
      fc.record({ op: fc.constantFrom('copy', 'move'), path, from: path }),
    ),
    fc.constantFrom<Json>(
      { op: 'add' },
      { op: 'turn', path: '/data' },
      { op: 'add', path: 'data', value: 1 },
      7,
    ),
  );
}
