import { expect, test } from 'vitest';
import { makeNode, makePod } from '../../testing/objects.ts';
import { chooseNode } from './choose-node.ts';

const OWNER = { kind: 'ReplicaSet', uid: 'rs' };

test('spreads the pods of one owner before it balances all pods', () => {
  const pods = [
    makePod('sibling', { node: 'n1', owner: OWNER }),
    makePod('other-1', { node: 'n2' }),
    makePod('other-2', { node: 'n2' }),
  ];
  expect(chooseNode(makePod('new', { owner: OWNER }), [makeNode('n1'), makeNode('n2')], pods)).toEqual({
    ok: true,
    value: 'n2',
  });
  expect(chooseNode(makePod('stranger'), [makeNode('n1'), makeNode('n2')], pods)).toEqual({
    ok: true,
    value: 'n1',
  });
});

test('respects nodeSelector, cordons, taints and readiness, and counts why nothing fits', () => {
  const nodes = [
    makeNode('cordoned', { spec: { unschedulable: true } }),
    makeNode('down', { ready: false }),
    makeNode('tainted', { spec: { taints: [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }] } }),
  ];
  expect(chooseNode(makePod('new'), nodes, [])).toEqual({
    ok: false,
    error:
      '0/3 nodes are available: 1 node(s) had untolerated taint {gpu: yes}, 1 node(s) were not ready, 1 node(s) were unschedulable.',
  });
  const tolerant = makePod('new', { spec: { tolerations: [{ key: 'gpu', operator: 'Exists' }] } });
  expect(chooseNode(tolerant, nodes, [])).toEqual({ ok: true, value: 'tainted' });
  const picky = makePod('new', { spec: { nodeSelector: { 'kubernetes.io/hostname': 'n2' } } });
  expect(chooseNode(picky, [makeNode('n1'), makeNode('n2')], [])).toEqual({ ok: true, value: 'n2' });
});

test('ended pods take no place', () => {
  const pods = [makePod('done', { node: 'n1', phase: 'Succeeded' })];
  expect(chooseNode(makePod('new'), [makeNode('n1'), makeNode('n2')], pods)).toEqual({
    ok: true,
    value: 'n1',
  });
});

test('no node at all is said', () => {
  expect(chooseNode(makePod('new'), [], [])).toEqual({
    ok: false,
    error: '0/0 nodes are available: no node exists.',
  });
});
