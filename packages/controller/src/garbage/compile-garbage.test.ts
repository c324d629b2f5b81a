import type { NodeName } from '@flatland/shared/model/names';
import { OWNER_LABEL, OWNER_LABEL_VALUE } from '@flatland/shared/model/kubernetes-object';
import { expect, test } from 'vitest';
import { LONG_REST_MS, REST_MS, compileGarbage } from './compile-garbage.ts';
import type { NodesObject } from './compile-garbage.ts';

const nodes = (n: number) => Array.from({ length: n }, (_, i) => `n${i}` as NodeName);
const left = (node: string, owned = true): NodesObject => ({
  kind: 'AddressBlock',
  metadata: { name: `red.${node}`, uid: node, labels: owned ? { [OWNER_LABEL]: OWNER_LABEL_VALUE } : {} },
  spec: { node: node as NodeName },
});
const collect = (input: Partial<Parameters<typeof compileGarbage>[0]>) =>
  compileGarbage({ nodes: nodes(10), objects: [], missingSinceMs: new Map(), nowMs: 0, ...input });

test('what a gone node left rests ten minutes, then goes', () => {
  const objects = [left('n1'), left('gone')];
  const first = collect({ objects });
  expect(first).toMatchObject({ deletes: [], nextMs: REST_MS });
  expect(collect({ objects, missingSinceMs: first.missingSinceMs, nowMs: REST_MS }).deletes).toEqual([
    left('gone'),
  ]);
});

test('a node that comes back keeps what it had', () => {
  const first = collect({ objects: [left('n9')], nodes: nodes(9) });
  const back = collect({ objects: [left('n9')], missingSinceMs: first.missingSinceMs, nowMs: REST_MS });
  expect(back).toMatchObject({ deletes: [], missingSinceMs: new Map(), nextMs: Infinity });
});

test('where many nodes vanished what they left rests twice as long', () => {
  const objects = nodes(10).map((node) => left(node));
  const first = collect({ nodes: nodes(5), objects });
  const held = collect({ nodes: nodes(5), objects, missingSinceMs: first.missingSinceMs, nowMs: REST_MS });
  expect(held.deletes).toEqual([]);
  const later = collect({
    nodes: nodes(5),
    objects,
    missingSinceMs: first.missingSinceMs,
    nowMs: LONG_REST_MS,
  });
  expect(later.deletes).toHaveLength(5);
});

test('an empty list of nodes deletes nothing', () => {
  const missingSinceMs = new Map([['n1' as NodeName, 0]]);
  expect(collect({ nodes: [], objects: [left('n1')], missingSinceMs, nowMs: LONG_REST_MS }).deletes).toEqual(
    [],
  );
});

test('what does not bear the owner label stays', () => {
  const missingSinceMs = new Map([['gone' as NodeName, 0]]);
  expect(collect({ objects: [left('gone', false)], missingSinceMs, nowMs: LONG_REST_MS }).deletes).toEqual(
    [],
  );
});
