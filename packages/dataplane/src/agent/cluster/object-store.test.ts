import type { KubernetesObject } from '@flatland/shared/model/kubernetes-object';
import { expect, test } from 'vitest';
import { domainObject, membershipObject } from '../testing/objects.ts';
import { DOUBT_MS, HOLD_MS } from './lost-objects.ts';
import { keyOf, ObjectStore } from './object-store.ts';

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

/** An object as of a version of the API. */
function at(version: number, object: KubernetesObject): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
}

function lost(key: string, object: KubernetesObject) {
  return { type: 'deleted', key, object } as const;
}

test('what a list lacks counts as deleted after five seconds, for a list says nothing of deletions', () => {
  const store = new ObjectStore();
  put(store, at(50, RED));
  store.change('Domain', [lost('red', RED)], 0, { listVersion: '70' });
  expect([store.objects(), store.held()]).toEqual([[at(50, RED)], []]);
  expect([store.releaseHeld(DOUBT_MS - 1), store.releaseHeld(DOUBT_MS)]).toEqual([false, true]);
  expect(store.objects()).toEqual([]);
});

test('what is newer than the list that lacks it was lost, not deleted, and stays for ten minutes', () => {
  const store = new ObjectStore();
  put(store, at(90, RED));
  store.change('Domain', [lost('red', RED)], 0, { listVersion: '70' });
  expect(store.objects()).toEqual([at(90, RED)]);
  expect(store.held().map(({ reason, message }) => [reason, message])).toEqual([
    ['restored-held', expect.stringContaining('Domain red')],
  ]);
  expect([store.releaseHeld(HOLD_MS - 1), store.releaseHeld(HOLD_MS)]).toEqual([false, true]);
  expect([store.objects(), store.held()]).toEqual([[], []]);
});

test.each([
  ['before', [0, 4000]],
  ['after', [4000, 0]],
])(
  'what a restored API lost and has overtaken since is held, where another kind shows that it went back, seen %s it',
  (_, [domainMs, membershipMs]) => {
    const store = new ObjectStore();
    const membership = at(50, membershipObject('shop', 'red', 'cart'));
    put(store, membership);
    put(store, at(60, RED));
    const steps = [
      [domainMs!, () => store.change('Domain', [], domainMs!, { listVersion: '70', wentBack: true })],
      [
        membershipMs!,
        () =>
          store.change('Membership', [lost(keyOf(membership), membership)], membershipMs!, {
            listVersion: '70',
          }),
      ],
    ] as const;
    for (const [, step] of steps.toSorted(([a], [b]) => a - b)) step();
    expect(store.objects()).toEqual([at(60, RED), membership]);
    expect(store.held().map(({ reason }) => reason)).toEqual(['restored-held']);
    expect(store.releaseHeld(4000 + HOLD_MS)).toBe(true);
    expect(store.objects()).toEqual([at(60, RED)]);
  },
);

test('what a restored API lost before a start is held where it shows an older form of what was saved, however new its list', () => {
  const store = new ObjectStore();
  const membership = at(50, membershipObject('shop', 'red', 'cart'));
  store.restore({ objects: [at(60, RED), membership], isRestored: false }, 0);
  store.replace('Membership', [], 0, '70');
  expect(store.held()).toEqual([]);
  store.replace('Domain', [at(40, RED)], 0, '70');
  expect(store.objects()).toEqual([at(40, RED), membership]);
  expect(store.held().map(({ reason }) => reason)).toEqual(['restored-held']);
});

test('what a restored API lost before a start is kept by what was saved', () => {
  const store = new ObjectStore();
  store.replace('Domain', [at(90, RED)], 0);
  store.replace('Domain', [], 0, '70');
  expect(store.objects()).toEqual([at(90, RED)]);
});

test('what was lost and is there again, or was deleted since, is held no more', () => {
  const store = new ObjectStore();
  put(store, at(90, RED));
  store.change('Domain', [lost('red', at(90, RED))], 0, { listVersion: '70' });
  put(store, at(71, WIDER));
  expect([store.objects(), store.held()]).toEqual([[at(71, WIDER)], []]);
  store.change('Domain', [lost('red', at(71, WIDER))], 0);
  expect([store.objects(), store.held()]).toEqual([[], []]);
});

test('an agent’s own objects and claims of blocks are not held, for it writes them again', () => {
  const store = new ObjectStore(({ kind }) => kind === 'NodePeer');
  const objects = ['NodePeer', 'AddressBlock', 'RemoteSlice'].map((kind) => at(90, { ...RED, kind }));
  for (const object of objects) put(store, object);
  for (const object of objects) store.change(object.kind, [lost('red', object)], 0, { listVersion: '70' });
  expect(store.objects().map(({ kind }) => kind)).toEqual(['RemoteSlice']);
});

test('that the API went back is known to the next run, until what it lost is let go', () => {
  const store = new ObjectStore();
  put(store, at(60, RED));
  store.change('Domain', [lost('red', at(60, RED))], 0, { listVersion: '70', wentBack: true });
  expect(store.state(HOLD_MS - 1)).toEqual({ objects: [at(60, RED)], isRestored: true });
  const next = new ObjectStore();
  next.restore(store.state(1), 0);
  next.replace('Domain', [], 0, '70');
  expect(next.held().map(({ reason }) => reason)).toEqual(['restored-held']);
  expect([next.releaseHeld(HOLD_MS), next.releaseHeld(HOLD_MS)]).toEqual([true, false]);
  expect(next.state(HOLD_MS)).toEqual({ objects: [], isRestored: false });
});
