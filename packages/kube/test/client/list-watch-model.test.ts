import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/testing/seeded-random.ts';
import { BACKOFF_MAX_MS, RELIST_MIN_MS, SimulatedListWatch } from './simulated-list-watch.ts';
import type { Step } from './simulated-list-watch.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('put' as const), name: fc.constantFrom(...NAMES) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('delete' as const), name: fc.constantFrom(...NAMES) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 200 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 200, max: 40_000 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('failLists' as const, 'failWatches' as const),
      n: fc.integer({ min: 1, max: 12 }),
      error: fc.constantFrom(
        'timeout',
        'unavailable',
        'serverError',
        'tooManyRequests',
        'protocol',
        'forbidden',
        'gone',
      ),
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'compact',
        'close',
        'reset',
        'silence',
        'errorEvent410',
        'errorEvent500',
        'garbage',
        'nonsenseEvent',
        'bookmark',
        'duplicate',
        'reorder',
        'wake',
      ),
    }),
  },
) as fc.Arbitrary<Step>;

function check(steps: readonly Step[], seed: number): void {
  const simulation = new SimulatedListWatch(seededRandom(seed));
  for (const each of steps) simulation.perform(each);
  simulation.run(simulation.heal());

  const expected = simulation.server.sorted();
  expect(simulation.cache.list()).toEqual(expected);
  expect([...simulation.heard.values()].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))).toEqual(
    expected,
  );
  expect(simulation.faults).toEqual([]);
}

test('after any schedule of faults the cache is what the server has, and so is what handlers heard', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer(), (steps, seed) => check(steps, seed)),
    { numRuns: 3000 },
  );
});

/** A list of all pages and the watch after it take less. */
const LIST_MS = 200;

function checkMild(steps: readonly Step[], seed: number): void {
  const simulation = new SimulatedListWatch(seededRandom(seed));
  simulation.run(LIST_MS);
  for (const each of steps) {
    simulation.perform(each);
    if (each.kind === 'close') simulation.run(1200);
  }
  simulation.heal();
  // Disorder makes the list be read again when it is due; that may be just now.
  simulation.run(LIST_MS);
  expect(simulation.cache.list()).toEqual(simulation.server.sorted());
  expect(simulation.faults).toEqual([]);
}

test('closed, doubled and reordered watches cost no list', () => {
  const mild = step.filter(
    ({ kind }) =>
      ['put', 'delete', 'close', 'bookmark', 'duplicate', 'reorder'].includes(kind) || kind === 'wait',
  );
  fc.assert(
    fc.property(fc.array(mild, { maxLength: 60 }), fc.integer(), (steps, seed) => checkMild(steps, seed)),
    { numRuns: 1000 },
  );
});

test('a change during the list that disorder made due is seen soon (seed -1162377048)', () => {
  const put: Step = { kind: 'put', name: 'a' };
  const wait = (ms: number): Step => ({ kind: 'wait', ms });
  checkMild([wait(9740), { kind: 'reorder' }, wait(61), put, put, wait(10), put], 0);
});

/** A list that is due only ten seconds after the one before, and a watch that is tried again until it opens. */
const GONE_BACK_MS = RELIST_MIN_MS + 2 * BACKOFF_MAX_MS;

test('a server that goes back to an earlier state takes the cache along, before it is where it was', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.integer(), (steps, seed) => {
      const simulation = new SimulatedListWatch(seededRandom(seed));
      for (const each of steps) simulation.perform(each);
      simulation.run(simulation.heal());
      for (const name of NAMES.slice(0, 4)) simulation.perform({ kind: 'put', name });
      simulation.perform({ kind: 'restore' });
      simulation.run(GONE_BACK_MS);
      expect(simulation.cache.list()).toEqual(simulation.server.sorted());
      simulation.perform({ kind: 'put', name: 'a' });
      simulation.run(LIST_MS);
      expect(simulation.cache.list()).toEqual(simulation.server.sorted());
      expect(simulation.faults).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});
