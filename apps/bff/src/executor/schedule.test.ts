import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { StepState } from '../api/change-set.ts';
import { nextSteps, type ScheduledStep } from './schedule.ts';

const step = (text: string): ScheduledStep => {
  const [cluster = '', action = 'create', state = 'queued'] = text.split(' ');
  return { cluster, action: action as ScheduledStep['action'], state: state as StepState };
};

test.each([
  ['clusters go on beside each other', ['a create', 'b create'], [0, 1]],
  ['one cluster goes step by step', ['a create', 'a create', 'a update'], [0]],
  [
    'the next begins when the one before is applied',
    ['a create applied', 'a create', 'b create applying'],
    [1],
  ],
  ['a delete waits for adds of other clusters', ['a create applying', 'b delete'], []],
  ['a delete waits for an add that waits for its cluster', ['a create waiting', 'b delete'], []],
  ['a delete waits for an add that failed', ['a update failed', 'b delete'], []],
  [
    'deletes begin once every add is applied',
    ['a create applied', 'b create applied', 'a delete', 'b delete'],
    [2, 3],
  ],
  ['an add after a delete does not hold the delete', ['a delete', 'b create'], [0, 1]],
  ['what is left undone holds what follows in its cluster', ['a create left', 'a create'], []],
  ['nothing is left to do', ['a create applied'], []],
])('%s', (_name, texts, expected) => {
  expect(nextSteps(texts.map(step))).toEqual(expected);
});

test('carried out in any order of completion, every plan ends, adds before removes', () => {
  const action = fc.constantFrom('create' as const, 'update' as const, 'delete' as const);
  const plan = fc.array(fc.record({ cluster: fc.constantFrom('a', 'b', 'c'), action }), { maxLength: 30 });
  fc.assert(
    fc.property(plan, fc.infiniteStream(fc.nat()), (unordered, choices) => {
      const adds = unordered.filter((entry) => entry.action !== 'delete');
      const removes = unordered.filter((entry) => entry.action === 'delete');
      const steps = [...adds, ...removes].map((entry) => ({ ...entry, state: 'queued' as StepState }));
      const done: number[] = [];
      for (;;) {
        for (const ordinal of nextSteps(steps)) steps[ordinal]!.state = 'applying';
        const underWay = steps.flatMap(({ state }, ordinal) => (state === 'applying' ? [ordinal] : []));
        if (underWay.length === 0) break;
        const chosen = underWay[choices.next().value! % underWay.length]!;
        steps[chosen]!.state = 'applied';
        done.push(chosen);
      }
      expect(done).toHaveLength(steps.length);
      const firstRemove = done.findIndex((ordinal) => steps[ordinal]!.action === 'delete');
      const lastAdd = done.findLastIndex((ordinal) => steps[ordinal]!.action !== 'delete');
      if (firstRemove >= 0) expect(lastAdd).toBeLessThan(firstRemove);
    }),
  );
});
