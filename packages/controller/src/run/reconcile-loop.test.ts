import { expect, test, vi } from 'vitest';
import { systemClock } from '@flatland/kube/client/clock';
import { startReconcileLoop } from './reconcile-loop.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const deps = { name: 'test', clock: systemClock, random: () => 0, log };
const settle = () => new Promise((resolve) => setTimeout(resolve, 60));

test('many triggers are few runs, one at a time, and the last change is seen', async () => {
  let [nRuns, nUnderWay, seen, state] = [0, 0, 0, 0];
  const loop = startReconcileLoop({
    ...deps,
    async reconcile() {
      nRuns += 1;
      nUnderWay += 1;
      expect(nUnderWay).toBe(1);
      seen = state;
      await new Promise((resolve) => setTimeout(resolve, 5));
      nUnderWay -= 1;
      return Infinity;
    },
  });
  for (let i = 0; i < 100; i += 1) {
    state = i;
    loop.trigger();
    if (i % 25 === 0) await settle();
  }
  await settle();
  expect(seen).toBe(99);
  expect(nRuns).toBeLessThan(12);
  await loop.stop();
});

test('a run that fails is repeated', async () => {
  let nRuns = 0;
  const loop = startReconcileLoop({
    ...deps,
    async reconcile() {
      nRuns += 1;
      if (nRuns < 3) throw new Error('not yet');
      return Infinity;
    },
  });
  loop.trigger();
  await vi.waitFor(() => expect(nRuns).toBe(3), { timeout: 5000 });
  await loop.stop();
});

test('a run that asks for another gets it, and a stopped loop runs no more', async () => {
  let nRuns = 0;
  const loop = startReconcileLoop({
    ...deps,
    async reconcile(nowMs) {
      nRuns += 1;
      return nowMs + 10;
    },
  });
  loop.trigger();
  await vi.waitFor(() => expect(nRuns).toBeGreaterThan(3));
  await loop.stop();
  const before = nRuns;
  loop.trigger();
  await settle();
  expect(nRuns).toBe(before);
});
