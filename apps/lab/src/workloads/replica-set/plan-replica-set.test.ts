import { expect, test } from 'vitest';
import { makePod, makeReplicaSet } from '../../testing/objects.ts';
import { planReplicaSet } from './plan-replica-set.ts';

const NOW_MS = Date.parse('2026-01-01T00:10:00Z');

test('makes as many pods as are missing, not counting those that end or have ended', () => {
  const pods = [
    makePod('a', { ready: true }),
    makePod('b', { deleting: true }),
    makePod('c', { phase: 'Failed' }),
  ];
  expect(planReplicaSet(makeReplicaSet('web', { replicas: 3 }), pods, NOW_MS)).toMatchObject({
    nCreate: 2,
    remove: [],
  });
});

test('gives up unbound pods first, then those that are not ready, then the youngest', () => {
  const pods = [
    makePod('old', { node: 'n1', ready: true, created: '2026-01-01T00:00:00Z' }),
    makePod('young', { node: 'n1', ready: true, created: '2026-01-01T00:05:00Z' }),
    makePod('unready', { node: 'n1', phase: 'Running' }),
    makePod('unbound'),
  ];
  const removed = (replicas: number) =>
    planReplicaSet(makeReplicaSet('web', { replicas }), pods, NOW_MS).remove.map(
      ({ metadata }) => metadata.name,
    );
  expect(removed(3)).toEqual(['unbound']);
  expect(removed(1)).toEqual(['unbound', 'unready', 'young']);
  expect(removed(0)).toHaveLength(4);
});

test('a pod is available once it was ready for minReadySeconds', () => {
  const pods = [makePod('a', { ready: true })];
  const readyAtMs = Date.parse('2026-01-01T00:00:10Z');
  const available = (nowMs: number) =>
    planReplicaSet(makeReplicaSet('web', { replicas: 1, minReadySeconds: 5 }), pods, nowMs).status
      .availableReplicas;
  expect(available(readyAtMs + 4999)).toBe(0);
  expect(available(readyAtMs + 5000)).toBe(1);
});
