import { expect, test } from 'vitest';
import type { KubernetesObject } from '../../model/kubernetes-object.ts';
import { zAddressBlock } from '../../model/address-block.ts';
import { SAMPLE_WORLD } from '../../testing/sample-world.ts';
import { snapshotOf } from '../../testing/world.ts';
import { READERS } from './cluster-facts.ts';
import { objectReader } from './read-kind.ts';

const readers = { ...READERS, AddressBlock: objectReader(zAddressBlock) };
const CLAIM: KubernetesObject = {
  apiVersion: 'flatland.dev/v1alpha1',
  kind: 'AddressBlock',
  metadata: { name: 'claim' },
  spec: { domain: 'red', prefix: '10.81.0.0/28', node: 'aws-east-1' },
};
const objects = [CLAIM, ...snapshotOf(SAMPLE_WORLD).clusters.flatMap((cluster) => cluster.objects)];

/** What every object within a value has of a later version. */
function withLaterFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withLaterFields);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).map(([key, inner]) => [key, withLaterFields(inner)]);
  return { ...Object.fromEntries(fields), ofALaterVersion: true };
}

function ofKind(kind: string): KubernetesObject[] {
  const found = objects.filter((object) => object.kind === kind);
  expect(found.length).toBeGreaterThan(0);
  return found;
}

test.each(['AddressBlock', 'NodePeer', 'MemberSlice', 'RemoteSlice'] as const)(
  'a later version’s %s reads as without what is new in it, for programs of both work together in an upgrade',
  (kind) => {
    for (const object of ofKind(kind)) {
      const later = { ...object, spec: withLaterFields(object['spec']) } as KubernetesObject;
      expect(readers[kind](later)).toEqual(readers[kind](object));
      expect(readers[kind](object).ok).toBe(true);
    }
  },
);

test.each(['Domain', 'Membership'] as const)(
  'a %s with a field that is not known is not read, for somebody asks for more than can be granted',
  (kind) => {
    for (const object of ofKind(kind)) {
      const later = { ...object, spec: { ...(object['spec'] as object), ofALaterVersion: true } };
      const read = readers[kind](later as KubernetesObject);
      expect(!read.ok && read.error.message).toContain('ofALaterVersion');
    }
  },
);
