import { expect, test } from 'vitest';
import { makeDaemonSet, makeNode, makePod, TEMPLATE } from '../../testing/objects.ts';
import { CONTROLLER_REVISION_HASH, templateHash } from '../template-hash.ts';
import { planDaemonSet } from './plan-daemon-set.ts';

const NODES = [makeNode('n1'), makeNode('n2')];
const NOW_MS = Date.parse('2026-01-01T01:00:00Z');

test('wants one pod on every node that fits, cordoned ones too', () => {
  const cordoned = makeNode('n3', { spec: { unschedulable: true } });
  const tainted = makeNode('n4', { spec: { taints: [{ key: 'gpu', effect: 'NoSchedule' }] } });
  const plan = planDaemonSet(makeDaemonSet(), {
    nodes: [...NODES, cordoned, tainted],
    pods: [pod('a', 'n1')],
    nowMs: NOW_MS,
  });
  expect(plan.create).toEqual(['n2', 'n3']);
  expect(plan.status).toMatchObject({ desiredNumberScheduled: 3, currentNumberScheduled: 1, numberReady: 1 });
});

test('removes a second pod of a node, and one on a node that is gone', () => {
  const pods = [
    pod('a', 'n1'),
    {
      ...pod('b', 'n1'),
      metadata: { ...pod('b', 'n1').metadata, creationTimestamp: '2026-01-02T00:00:00Z' },
    },
    pod('c', 'gone'),
  ];
  const plan = planDaemonSet(makeDaemonSet(), { nodes: NODES, pods, nowMs: NOW_MS });
  expect(plan.remove.map(({ metadata }) => metadata.name).sort()).toEqual(['b', 'c']);
});

test('replaces pods of another template one node at a time', () => {
  const old = { [CONTROLLER_REVISION_HASH]: 'old' };
  const removed = (pods: ReturnType<typeof pod>[], type: 'RollingUpdate' | 'OnDelete' = 'RollingUpdate') =>
    planDaemonSet(makeDaemonSet({ updateStrategy: { type } }), {
      nodes: NODES,
      pods,
      nowMs: NOW_MS,
    }).remove.map(({ metadata }) => metadata.name);
  expect(removed([pod('a', 'n1', old), pod('b', 'n2', old)])).toEqual(['a']);
  expect(removed([pod('b', 'n2', old)])).toEqual([]);
  expect(removed([pod('a', 'n1'), pod('b', 'n2', old)])).toEqual(['b']);
  expect(removed([pod('a', 'n1', old)], 'OnDelete')).toEqual([]);
});

function pod(name: string, node: string, labels = { [CONTROLLER_REVISION_HASH]: templateHash(TEMPLATE) }) {
  return makePod(name, { node, ready: true, labels });
}
