import { expect, test } from 'vitest';
import { makePod, makeStatefulSet, TEMPLATE } from '../../testing/objects.ts';
import type { Pod } from '../kinds/pod.ts';
import { CONTROLLER_REVISION_HASH, templateHash } from '../template-hash.ts';
import { planStatefulSet } from './plan-stateful-set.ts';

const REVISION = `db-${templateHash(TEMPLATE)}`;

test('makes ordinals one after the other, each when the one before is ready', () => {
  expect(created([])).toEqual(['db-0']);
  expect(created([pod(0, { ready: false })])).toEqual([]);
  expect(created([pod(0)])).toEqual(['db-1']);
  expect(created([pod(0), pod(1), pod(2)])).toEqual([]);
});

test('makes all ordinals at once with the Parallel policy', () => {
  expect(created([], { podManagementPolicy: 'Parallel' })).toEqual(['db-0', 'db-1', 'db-2']);
});

test('a missing ordinal in the middle is made again before anything else', () => {
  expect(created([pod(0), pod(2)])).toEqual(['db-1']);
});

test('takes surplus pods from the highest, one at a time', () => {
  expect(removed([pod(0), pod(1), pod(2)], { replicas: 1 })).toEqual(['db-2']);
  expect(removed([pod(0), pod(1), pod(2, { deleting: true })], { replicas: 1 })).toEqual([]);
});

test('replaces pods of another revision from the highest down, each after the one above is ready', () => {
  const old = (ordinal: number) => pod(ordinal, { labels: { [CONTROLLER_REVISION_HASH]: 'db-old' } });
  expect(removed([old(0), old(1), old(2)])).toEqual(['db-2']);
  expect(removed([old(0), old(1), pod(2, { ready: false })])).toEqual([]);
  expect(removed([old(0), old(1), pod(2)])).toEqual(['db-1']);
  expect(removed([old(0), old(1), pod(2)], { updateStrategy: { rollingUpdate: { partition: 2 } } })).toEqual(
    [],
  );
  expect(removed([old(0), old(1), old(2)], { updateStrategy: { type: 'OnDelete' } })).toEqual([]);
});

test('a failed pod is removed, to be made again', () => {
  expect(removed([pod(0, { ready: false, phase: 'Failed' })])).toEqual(['db-0']);
});

test('the current revision changes once every pod has the new one', () => {
  const set = {
    ...makeStatefulSet({ replicas: 1 }),
    status: { replicas: 1, availableReplicas: 1, currentRevision: 'db-old' },
  };
  const status = (pods: Pod[]) => planStatefulSet(set, pods, 0).status;
  const before = pod(0, { labels: { [CONTROLLER_REVISION_HASH]: 'db-old' } });
  expect(status([before])).toMatchObject({
    currentRevision: 'db-old',
    updateRevision: REVISION,
    updatedReplicas: 0,
  });
  expect(status([pod(0)])).toMatchObject({ currentRevision: REVISION, updatedReplicas: 1, readyReplicas: 1 });
});

function pod(ordinal: number, parts: Parameters<typeof makePod>[1] = {}): Pod {
  return makePod(`db-${ordinal}`, {
    ready: true,
    labels: { [CONTROLLER_REVISION_HASH]: REVISION },
    ...parts,
  });
}

function created(pods: Pod[], spec: Parameters<typeof makeStatefulSet>[0] = {}): string[] {
  return planStatefulSet(makeStatefulSet(spec), pods, 0).create.map(({ name }) => name);
}

function removed(pods: Pod[], spec: Parameters<typeof makeStatefulSet>[0] = {}): string[] {
  return planStatefulSet(makeStatefulSet(spec), pods, 0).remove.map(({ metadata }) => metadata.name);
}
