import fc from 'fast-check';
import { expect, test } from 'vitest';
import { makeDeployment, makeReplicaSet, TEMPLATE } from '../../testing/objects.ts';
import type { Deployment, ReplicaSet } from '../kinds/workload.ts';
import { planDeployment, REVISION } from './plan-deployment.ts';

const NEW_TEMPLATE = { ...TEMPLATE, metadata: { labels: { app: 'web', version: '2' } } };

test('a new Deployment gets a ReplicaSet of its size and revision 1', () => {
  const plan = planDeployment(makeDeployment({ replicas: 3 }), [], { nPods: new Map(), nowMs: 0 });
  expect(plan.create).toMatchObject({ replicas: 3, revision: 1 });
  expect(plan.create?.hash).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{7,10}$/);
});

test('the same template finds its old ReplicaSet again, with a new revision', () => {
  const first = annotated(makeReplicaSet('web-1', { replicas: 0 }), '1');
  const second = annotated(makeReplicaSet('web-2', { replicas: 2, template: NEW_TEMPLATE }), '2');
  const plan = planDeployment(makeDeployment(), [first, second], { nPods: new Map(), nowMs: 0 });
  expect(plan.create).toBeUndefined();
  expect(plan.current?.metadata.name).toBe('web-1');
  expect(plan.revision).toBe(3);
});

test('a paused Deployment neither makes nor scales', () => {
  const old = available(makeReplicaSet('web-1', { replicas: 2 }), 2);
  const plan = planDeployment(makeDeployment({ paused: true, template: NEW_TEMPLATE }), [old], {
    nPods: new Map([['uid-web-1', 2]]),
    nowMs: 0,
  });
  expect(plan).toMatchObject({ create: undefined, scale: [] });
});

test('recreate waits for the last old pod to be gone', () => {
  const deployment = makeDeployment({ strategy: { type: 'Recreate' }, template: NEW_TEMPLATE });
  const emptied = makeReplicaSet('web-1', { replicas: 0 });
  const fresh = makeReplicaSet('web-2', { replicas: 0, template: NEW_TEMPLATE });
  const scale = (nOldPods: number) =>
    planDeployment(deployment, [emptied, fresh], { nPods: new Map([['uid-web-1', nOldPods]]), nowMs: 0 })
      .scale;
  expect(scale(1)).toEqual([]);
  expect(scale(0)).toMatchObject([{ replicas: 2 }]);
});

test('emptied ReplicaSets beyond the history limit go, the oldest first', () => {
  const current = available(annotated(makeReplicaSet('web-9', { replicas: 2 }), '9'), 2);
  const old = [3, 1, 2].map((revision) =>
    annotated(
      makeReplicaSet(`web-${revision}`, {
        replicas: 0,
        template: { ...TEMPLATE, metadata: { labels: { app: 'web', version: String(revision) } } },
      }),
      String(revision),
    ),
  );
  const plan = planDeployment(makeDeployment({ revisionHistoryLimit: 1 }), [current, ...old], {
    nPods: new Map(),
    nowMs: 0,
  });
  expect(plan.remove.map(({ metadata }) => metadata.name)).toEqual(['web-1', 'web-2']);
});

test('the status counts all pods and says when the rollout is complete', () => {
  const current = available(makeReplicaSet('web-1', { replicas: 2 }), 2);
  const { status } = planDeployment(makeDeployment(), [current], { nPods: new Map(), nowMs: 0 });
  expect(status).toMatchObject({
    replicas: 2,
    updatedReplicas: 2,
    availableReplicas: 2,
    unavailableReplicas: 0,
  });
  expect(status.conditions?.map(({ type, status: value, reason }) => [type, value, reason])).toEqual([
    ['Available', 'True', 'MinimumReplicasAvailable'],
    ['Progressing', 'True', 'NewReplicaSetAvailable'],
  ]);
});

test('new pods that are not available yet hold old ones back, unhealthy ones too', () => {
  const rollingUpdate = { maxSurge: 1, maxUnavailable: 1 };
  const deployment = makeDeployment({ replicas: 4, template: NEW_TEMPLATE, strategy: { rollingUpdate } });
  const old = available(makeReplicaSet('web-1', { replicas: 3 }), 1);
  const scaled = (nNewAvailable: number) => {
    const fresh = available(makeReplicaSet('web-2', { replicas: 2, template: NEW_TEMPLATE }), nNewAvailable);
    return planDeployment(deployment, [old, fresh], { nPods: new Map(), nowMs: 0 }).scale.map(
      ({ replicaSet, replicas }) => [replicaSet.metadata.name, replicas],
    );
  };
  expect(scaled(0)).toEqual([]);
  expect(scaled(2)).toEqual([['web-1', 1]]);
});

test('a rolling update stays within its limits, whatever pods do, and ends', () => {
  const limits = fc.record({
    replicas: fc.integer({ min: 1, max: 8 }),
    maxSurge: fc.integer({ min: 0, max: 4 }),
    maxUnavailable: fc.integer({ min: 0, max: 4 }),
    luck: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 60, maxLength: 60 }),
  });
  fc.assert(
    fc.property(limits, ({ replicas, maxSurge, maxUnavailable, luck }) => {
      const strategy = { type: 'RollingUpdate' as const, rollingUpdate: { maxSurge, maxUnavailable } };
      const deployment = makeDeployment({ replicas, template: NEW_TEMPLATE, strategy });
      const mayMiss = maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable;
      let sets = [available(makeReplicaSet('web-1', { replicas }), replicas)];
      for (const nReady of luck) {
        sets = step(deployment, sets, nReady);
        const total = sum(sets.map(({ spec }) => spec.replicas ?? 0));
        const nAvailable = sum(sets.map(({ status }) => status?.availableReplicas ?? 0));
        expect(total).toBeLessThanOrEqual(replicas + maxSurge);
        expect(nAvailable).toBeGreaterThanOrEqual(replicas - mayMiss);
      }
      for (let n = 0; n < 60; n += 1) sets = step(deployment, sets, 1);
      expect(
        sets.map(({ metadata, spec, status }) => [metadata.name, spec.replicas, status?.availableReplicas]),
      ).toEqual([
        ['web-1', 0, 0],
        ['web-new', replicas, replicas],
      ]);
    }),
    { numRuns: 60 },
  );
});

/** Carries a plan out, and lets up to `nReady` of the new pods become available. */
function step(deployment: Deployment, sets: readonly ReplicaSet[], nReady: number): ReplicaSet[] {
  const plan = planDeployment(deployment, sets, { nPods: new Map(), nowMs: 0 });
  const sized = sets.map((set) => {
    const size = plan.scale.find(({ replicaSet }) => replicaSet === set)?.replicas ?? set.spec.replicas ?? 0;
    const wasAvailable = set.status?.availableReplicas ?? 0;
    const isNew = set.metadata.name === 'web-new';
    return available(
      { ...set, spec: { ...set.spec, replicas: size } },
      Math.min(size, wasAvailable + (isNew ? nReady : 0)),
    );
  });
  if (plan.create === undefined) return sized;
  const made = makeReplicaSet('web-new', { replicas: plan.create.replicas, template: NEW_TEMPLATE });
  return [...sized, available(made, 0)];
}

function available(set: ReplicaSet, availableReplicas: number): ReplicaSet {
  return {
    ...set,
    status: { replicas: set.spec.replicas ?? 0, readyReplicas: availableReplicas, availableReplicas },
  };
}

function annotated(set: ReplicaSet, revision: string): ReplicaSet {
  return { ...set, metadata: { ...set.metadata, annotations: { [REVISION]: revision } } };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
