import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { expect, test } from 'vitest';
import { domainObject, membershipObject } from '../testing/objects.ts';
import { HOLD_MS, keyOf, ObjectStore } from './object-store.ts';

const RED = domainObject('red', { prefixes: ['10.81.0.0/16'], clusters: { east: ['10.81.0.0/20'] } });
const LATER: KubernetesObject = { ...RED, spec: { ...(RED['spec'] as object), ofALaterVersion: true } };
const WIDER = domainObject('red', { prefixes: ['10.81.0.0/16'], clusters: { east: ['10.81.0.0/19'] } });

function put(store: ObjectStore, object: KubernetesObject): void {
  store.change(object.kind, [{ type: 'added', key: keyOf(object), object }], 0);
}

test('an object that was changed into what cannot be read stays as it was, and that is told', () => {
  const store = new ObjectStore();
  put(store, RED);
  put(store, LATER);
  expect(store.objects()).toEqual([RED]);
  expect(store.held()).toEqual([
    {
      reason: 'invalid-object',
      message: expect.stringMatching(/^Domain red cannot be read \(.*ofALaterVersion/),
    },
  ]);
  put(store, WIDER);
  expect([store.objects(), store.held()]).toEqual([[WIDER], []]);
});

test('what was saved stands in for what cannot be read after a start', () => {
  const store = new ObjectStore();
  store.replace('Domain', [RED], 0);
  store.change('Domain', [{ type: 'added', key: 'red', object: LATER }], 0);
  store.replace('Domain', [LATER], 0);
  expect(store.objects()).toEqual([RED]);
});

test('an object that never could be read, or is another of the same name, is taken as it comes', () => {
  const store = new ObjectStore();
  put(store, LATER);
  expect([store.objects(), store.held()]).toEqual([[LATER], []]);
  const other = { ...LATER, metadata: { ...LATER.metadata, uid: 'another' } };
  store.replace('Domain', [RED], 0);
  store.replace('Domain', [other], 0);
  expect([store.objects(), store.held()]).toEqual([[other], []]);
});

test('a deletion is believed, also of what could not be read; of a whole kind at once only after ten minutes', () => {
  const store = new ObjectStore();
  put(store, RED);
  put(store, LATER);
  store.change('Domain', [{ type: 'deleted', key: 'red', object: LATER }], 0);
  expect([store.objects(), store.held()]).toEqual([[], []]);
  put(store, RED);
  put(store, LATER);
  store.replace('Domain', [], 0);
  expect([store.objects(), store.held()]).toEqual([[], []]);

  const memberships = ['frontend', 'cart'].map((name) => membershipObject('shop', 'red', name));
  for (const membership of memberships) put(store, membership);
  store.replace('Membership', [], 0);
  expect(store.objects()).toHaveLength(2);
  expect(store.held().map(({ reason }) => reason)).toEqual(['empty-list-held']);
  expect([store.releaseHeld(HOLD_MS - 1), store.releaseHeld(HOLD_MS)]).toEqual([false, true]);
  expect(store.objects()).toEqual([]);
});
